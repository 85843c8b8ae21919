package org.gatefold.train.parallel;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * How two neighbours show each other that they know a secret without telling it: each signs, by HMAC-SHA256, a number that the other
 * has drawn for this connection. What follows goes through a {@link SealedChannel} where that is wanted, whose two keys come of the
 * secret and both numbers by HKDF (RFC 5869); else it is neither signed nor secret. Immutable.
 */
final class RingGreeting {
    private static final int LEAST_SECRET = 16;
    private static final int DRAWN = 32;
    private static final String ALGORITHM = "HmacSHA256";
    private static final int OPEN = 0x47465231;
    private static final int SEALED = 0x47465331;
    private static final int STRANGER_MILLIS = 2000;

    private final byte[] secret;
    private final int kind;

    /** @param encrypted whether what follows is to be kept secret; the same for both */
    RingGreeting(byte[] secret, boolean encrypted) {
        if (secret.length < LEAST_SECRET) {
            throw new IllegalArgumentException(
                    "secret: expected at least " + LEAST_SECRET + " bytes, got " + secret.length);
        }
        this.secret = secret.clone();
        this.kind = encrypted ? SEALED : OPEN;
    }

    /** For the one that was connected to: nothing unless the other is the worker expected. */
    Optional<RingConnection> answer(SocketChannel channel, int before, int size) throws IOException {
        Socket socket = channel.socket();
        socket.setSoTimeout(STRANGER_MILLIS);
        DataInputStream in = new DataInputStream(socket.getInputStream());
        DataOutputStream out = new DataOutputStream(socket.getOutputStream());
        byte[] ours = draw();
        out.writeInt(kind);
        out.write(ours);
        out.flush();
        byte[] theirs = in.readNBytes(DRAWN);
        int rank = in.readInt();
        int ofSize = in.readInt();
        byte[] signed = in.readNBytes(DRAWN);
        if (!MessageDigest.isEqual(signed, sign("offer", ours, theirs, rank, ofSize))
                || rank != before
                || ofSize != size) {
            return Optional.empty();
        }
        out.write(sign("answer", ours, theirs, rank, ofSize));
        out.flush();
        return Optional.of(connection(channel, "worker " + before, "answer", "offer", ours, theirs));
    }

    /** For the one that connects, to the worker {@code behind}. */
    RingConnection offer(SocketChannel channel, int rank, int behind, int size, int millis) throws IOException {
        Socket socket = channel.socket();
        socket.setSoTimeout(millis);
        DataInputStream in = new DataInputStream(socket.getInputStream());
        DataOutputStream out = new DataOutputStream(socket.getOutputStream());
        int theirKind = in.readInt();
        if (theirKind != kind) {
            throw new IOException(
                    switch (theirKind) {
                        case OPEN -> "it does not encrypt, and this worker does";
                        case SEALED -> "it encrypts, and this worker does not";
                        default -> "what listens there is no worker";
                    });
        }
        byte[] theirs = in.readNBytes(DRAWN);
        byte[] ours = draw();
        out.write(ours);
        out.writeInt(rank);
        out.writeInt(size);
        out.write(sign("offer", theirs, ours, rank, size));
        out.flush();
        byte[] signed = in.readNBytes(DRAWN);
        if (signed.length == 0) {
            throw new IOException("it refuses; the secrets or the numbers of workers differ");
        }
        if (!MessageDigest.isEqual(signed, sign("answer", theirs, ours, rank, size))) {
            throw new IOException("it does not know the secret");
        }
        return connection(channel, "worker " + behind, "offer", "answer", theirs, ours);
    }

    /**
     * @param ours label of the key of what goes out, and {@code theirs} of what comes in
     * @param accepting what the one that was connected to has drawn, and {@code connecting} the other
     */
    private RingConnection connection(
            SocketChannel channel, String neighbour, String ours, String theirs, byte[] accepting, byte[] connecting) {
        if (kind == OPEN) {
            return new RingConnection(channel, channel);
        }
        byte[] salt =
                ByteBuffer.allocate(2 * DRAWN).put(accepting).put(connecting).array();
        byte[] extracted = hmac(salt, secret);
        return new RingConnection(
                channel, new SealedChannel(channel, neighbour, key(extracted, ours), key(extracted, theirs)));
    }

    /** The first block of what HKDF expands, which is as long as a key. */
    private static byte[] key(byte[] extracted, String label) {
        return hmac(extracted, ("gatefold ring " + label + "\1").getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] draw() {
        byte[] drawn = new byte[DRAWN];
        new SecureRandom().nextBytes(drawn);
        return drawn;
    }

    private byte[] sign(String label, byte[] accepting, byte[] connecting, int rank, int size) {
        ByteBuffer numbers =
                ByteBuffer.allocate(3 * Integer.BYTES).putInt(kind).putInt(rank).putInt(size);
        return hmac(secret, label.getBytes(StandardCharsets.UTF_8), accepting, connecting, numbers.array());
    }

    private static byte[] hmac(byte[] key, byte[]... parts) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(key, ALGORITHM));
            for (byte[] part : parts) {
                mac.update(part);
            }
            return mac.doFinal();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK has no " + ALGORITHM, e);
        }
    }
}
