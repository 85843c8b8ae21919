package org.gatefold.file;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A stream to read from, which tells the hash of all that the stream below holds, however little of it was read and whether or not its
 * reader closed it. Closing it closes nothing: who opened the stream below closes that. One thread.
 */
public final class HashedStream extends DigestInputStream {
    private static final int MOST_SKIPPED = 8192;

    public HashedStream(InputStream whole) {
        super(whole, sha256());
    }

    /** A digest that nothing has been added to yet. */
    public static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /**
     * Reads what is left, and ends.
     *
     * @return SHA-256 in hexadecimal
     */
    public String hash() throws IOException {
        transferTo(OutputStream.nullOutputStream());
        return HexFormat.of().formatHex(getMessageDigest().digest());
    }

    /** Reads what it skips, which the digest would miss otherwise. */
    @Override
    public long skip(long count) throws IOException {
        return count <= 0 ? 0 : readNBytes((int) Math.min(count, MOST_SKIPPED)).length;
    }

    /** False: what is read again would be hashed again. */
    @Override
    public boolean markSupported() {
        return false;
    }

    @Override
    public void close() {}
}
