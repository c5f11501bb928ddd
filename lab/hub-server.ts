// The segment between the hosts: an Ethernet hub over UDP, as QEMU's `-netdev dgram` speaks it.
import { createSocket, type Socket } from 'node:dgram';

/**
 * Binds 127.0.0.1:`port` (0: any) and repeats each frame (one datagram) to all other members, which are UDP ports on the
 * loopback, and never back to its sender: a bridge that hears its own frames learns wrongly. Rejects when it can't bind.
 */
export function serveHub(port: number, members: readonly number[]): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 4 << 20 });
    socket.on('message', (frame, from) => {
      // A frame that can't be delivered is lost, as on any Ethernet.
      for (const member of members) if (member !== from.port) socket.send(frame, member, '127.0.0.1', () => {});
    });
    socket.once('error', reject);
    socket.bind(port, '127.0.0.1', () => {
      socket.off('error', reject);
      socket.on('error', () => {});
      resolve(socket);
    });
  });
}
