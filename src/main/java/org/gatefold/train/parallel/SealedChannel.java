package org.gatefold.train.parallel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Keeps what goes through a channel secret and unchanged: frames of a length in four bytes, so many bytes in AES-GCM (NIST SP 800-38D), and
 * a tag of 16 bytes, which covers the length too. Each direction has a key of its own, and the number of a frame is its nonce, so that a frame
 * that is altered, repeated, left out, or in another's place is refused. Does not block if the channel does not. One thread.
 */
final class SealedChannel implements ByteChannel {
    static final int KEY_BYTES = 32;
    static final int FRAME_BYTES = 64 << 10;
    private static final int TAG_BYTES = 16;
    private static final int NONCE_BYTES = 12;
    private static final String ALGORITHM = "AES/GCM/NoPadding";

    private final ByteChannel channel;
    private final String neighbour;
    private final Course sealing;
    private final Course opening;
    /** The frame that is on its way out. */
    private final ByteBuffer out = frame().limit(0);
    /** Bytes of the writer's that it holds. */
    private int held;
    /** What has come in of frames. */
    private final ByteBuffer in = frame();
    /** What has been opened of the last one. */
    private final ByteBuffer opened = ByteBuffer.allocate(FRAME_BYTES).limit(0);

    private boolean ended;

    /**
     * @param neighbour whom messages name
     * @param outgoing the key, of {@link #KEY_BYTES}, of what is written, for this channel alone
     * @param incoming that of what is read
     */
    SealedChannel(ByteChannel channel, String neighbour, byte[] outgoing, byte[] incoming) {
        this.channel = channel;
        this.neighbour = neighbour;
        this.sealing = new Course(Cipher.ENCRYPT_MODE, outgoing);
        this.opening = new Course(Cipher.DECRYPT_MODE, incoming);
    }

    private static ByteBuffer frame() {
        return ByteBuffer.allocate(Integer.BYTES + FRAME_BYTES + TAG_BYTES);
    }

    /** The frames of one direction, one after the other. */
    private static final class Course {
        private final Cipher cipher;
        private final int mode;
        private final SecretKeySpec key;
        private long number;

        Course(int mode, byte[] key) {
            this.mode = mode;
            this.key = new SecretKeySpec(key, "AES");
            try {
                this.cipher = Cipher.getInstance(ALGORITHM);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("the JDK has no " + ALGORITHM, e);
            }
        }

        /** @param length of the frame's content, as its header says it */
        void next(int length, ByteBuffer from, ByteBuffer to) throws GeneralSecurityException {
            ByteBuffer nonce = ByteBuffer.allocate(NONCE_BYTES).putLong(NONCE_BYTES - Long.BYTES, number++);
            cipher.init(mode, key, new GCMParameterSpec(TAG_BYTES * Byte.SIZE, nonce.array()));
            cipher.updateAAD(ByteBuffer.allocate(Integer.BYTES).putInt(0, length));
            cipher.doFinal(from, to);
        }
    }

    /**
     * Writes whole frames, as many as can be written now. What is left of the buffer has to be offered again before anything else, since
     * a part of its frame may be on its way.
     *
     * @return how many bytes of the buffer were written
     */
    @Override
    public int write(ByteBuffer buffer) throws IOException {
        int first = buffer.position();
        while (buffer.hasRemaining()) {
            if (!out.hasRemaining()) {
                seal(buffer);
            }
            channel.write(out);
            if (out.hasRemaining()) {
                break;
            }
            buffer.position(buffer.position() + held);
        }
        return buffer.position() - first;
    }

    private void seal(ByteBuffer buffer) {
        held = Math.min(FRAME_BYTES, buffer.remaining());
        out.clear().putInt(held);
        try {
            sealing.next(held, buffer.slice().limit(held), out);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a frame cannot be encrypted: " + e.getMessage(), e);
        }
        out.flip();
    }

    /** @throws CollectiveException if what has come is not the next frame of whoever has the key */
    @Override
    public int read(ByteBuffer buffer) throws IOException {
        int first = buffer.position();
        while (buffer.hasRemaining() && (opened.hasRemaining() || receive())) {
            int n = Math.min(buffer.remaining(), opened.remaining());
            buffer.put(opened.slice().limit(n));
            opened.position(opened.position() + n);
        }
        int read = buffer.position() - first;
        return ended && read == 0 && buffer.hasRemaining() ? -1 : read;
    }

    /** Opens the next frame; false if not all of it has come. */
    private boolean receive() throws IOException {
        while (true) {
            int length = in.position() < Integer.BYTES ? 0 : in.getInt(0);
            if (length < 0 || length > FRAME_BYTES) {
                throw refusal(null);
            }
            int end = Integer.BYTES + length + TAG_BYTES;
            if (in.position() >= end) {
                open(length, in.duplicate().limit(end).position(Integer.BYTES));
                in.flip().position(end);
                in.compact();
                return true;
            }
            int read = channel.read(in);
            if (read <= 0) {
                ended |= read < 0;
                return false;
            }
        }
    }

    private void open(int length, ByteBuffer sealed) {
        opened.clear();
        try {
            opening.next(length, sealed, opened);
        } catch (GeneralSecurityException e) {
            throw refusal(e);
        }
        opened.flip();
    }

    private CollectiveException refusal(Exception cause) {
        return new CollectiveException(
                neighbour
                        + ": expected the next frame that it has encrypted, got something else: it was altered on its way",
                cause);
    }

    @Override
    public boolean isOpen() {
        return channel.isOpen();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
