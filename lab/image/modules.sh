# Sourced. copy_modules ROOT KERNEL TREE MODULE…: copies kernel modules and what they need into TREE/lib/modules-lab,
# listed in the order of their loading in TREE/lib/modules-lab/order. A name that is built into the kernel is no error.
copy_modules() {
  local root=$1 kernel=$2 tree=$3 module path file
  shift 3
  mkdir -p "$tree/lib/modules-lab"
  touch "$tree/lib/modules-lab/order"
  for module in "$@"; do
    chroot "$root" /sbin/modprobe -S "$kernel" -D --ignore-install "$module" | awk '$1 == "insmod" { print $2 }' |
      while read -r path; do
        file=${path##*/}
        grep -qx "$file" "$tree/lib/modules-lab/order" && continue
        cp "$root$path" "$tree/lib/modules-lab/$file"
        echo "$file" >>"$tree/lib/modules-lab/order"
      done
  done
}

# pack_initrd TREE FILE
pack_initrd() {
  (cd "$1" && find . | LC_ALL=C sort | cpio -o -H newc --quiet -R 0:0) >"$2"
}
