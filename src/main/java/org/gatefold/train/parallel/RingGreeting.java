package org.gatefold.train.parallel;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * How two neighbours show each other that they know a secret without telling it: each signs, by HMAC-SHA256, a number that the other
 * has drawn for this connection. What follows on the connection is neither signed nor secret. Immutable.
 */
final class RingGreeting {
    private static final int LEAST_SECRET = 16;
    private static final int DRAWN = 32;
    private static final String ALGORITHM = "HmacSHA256";
    private static final int MAGIC = 0x47465231;
    private static final int STRANGER_MILLIS = 2000;

    private final byte[] secret;

    RingGreeting(byte[] secret) {
        if (secret.length < LEAST_SECRET) {
            throw new IllegalArgumentException(
                    "secret: expected at least " + LEAST_SECRET + " bytes, got " + secret.length);
        }
        this.secret = secret.clone();
    }

    /** For the one that was connected to: true if the other is the worker expected. */
    boolean answer(Socket socket, int before, int size) throws IOException {
        socket.setSoTimeout(STRANGER_MILLIS);
        DataInputStream in = new DataInputStream(socket.getInputStream());
        DataOutputStream out = new DataOutputStream(socket.getOutputStream());
        byte[] ours = draw();
        out.writeInt(MAGIC);
        out.write(ours);
        out.flush();
        byte[] theirs = in.readNBytes(DRAWN);
        int rank = in.readInt();
        int ofSize = in.readInt();
        byte[] signed = in.readNBytes(DRAWN);
        if (!MessageDigest.isEqual(signed, sign("offer", ours, theirs, rank, ofSize))
                || rank != before
                || ofSize != size) {
            return false;
        }
        out.write(sign("answer", ours, theirs, rank, ofSize));
        out.flush();
        return true;
    }

    /** For the one that connects. */
    void offer(Socket socket, int rank, int size, int millis) throws IOException {
        socket.setSoTimeout(millis);
        DataInputStream in = new DataInputStream(socket.getInputStream());
        DataOutputStream out = new DataOutputStream(socket.getOutputStream());
        if (in.readInt() != MAGIC) {
            throw new IOException("what listens there is no worker");
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
    }

    private static byte[] draw() {
        byte[] drawn = new byte[DRAWN];
        new SecureRandom().nextBytes(drawn);
        return drawn;
    }

    private byte[] sign(String label, byte[] accepting, byte[] connecting, int rank, int size) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(secret, ALGORITHM));
            mac.update(label.getBytes(StandardCharsets.UTF_8));
            mac.update(accepting);
            mac.update(connecting);
            mac.update(ByteBuffer.allocate(2 * Integer.BYTES)
                    .putInt(rank)
                    .putInt(size)
                    .flip());
            return mac.doFinal();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK has no " + ALGORITHM, e);
        }
    }
}
