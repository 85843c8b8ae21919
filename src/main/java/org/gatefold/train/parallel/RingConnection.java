package org.gatefold.train.parallel;

import java.io.IOException;
import java.nio.channels.ByteChannel;
import java.nio.channels.SocketChannel;

/**
 * A connection of a worker to a neighbour, which does not block.
 *
 * @param socket tells when there is something to read or room to write
 * @param bytes what is told: the socket itself, or what encrypts what goes through it
 */
record RingConnection(SocketChannel socket, ByteChannel bytes) implements AutoCloseable {
    @Override
    public void close() throws IOException {
        socket.close();
    }
}
