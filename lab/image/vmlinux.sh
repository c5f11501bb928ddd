#!/bin/bash
# vmlinux.sh BZIMAGE: prints the ELF kernel inside a bzImage. QEMU starts it directly (PVH), which saves unpacking it
# under emulation. Where the payload lies is in the header: Documentation/arch/x86/boot.rst in the kernel's source.
set -euo pipefail
image=$1
number() { od -An -t "u$2" -j $(($1)) -N "$2" "$image" | tr -d ' '; } # number OFFSET BYTES
start=$((($(number 0x1f1 1) + 1) * 512 + $(number 0x248 4)))
length=$(($(number 0x24c 4) - 4)) # the last four bytes are the unpacked size
payload() { tail -c+$((start + 1)) "$image" | head -c $length; }
case $(od -An -tx1 -j $start -N 4 "$image" | tr -d ' ') in
02214c18) unpack='lz4 -d' ;;
fd377a58) unpack='xz -dc' ;;
28b52ffd) unpack='zstd -dc' ;;
1f8b*) unpack='gzip -dc' ;;
*) echo "vmlinux.sh: $image is packed in a way that is not known here" >&2 && exit 1 ;;
esac
set +o pipefail # head closes the pipe before tail has written all
payload | $unpack
