package org.gatefold.backend.cuda.library;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.gatefold.backend.cuda.driver.CudaException;

/**
 * One of JCuda's natives, which are linked against libraries of CUDA 12, made to ask for those of another release: a copy of it in a folder of
 * the user's that names the other library, and the other version of its symbols. Functions are called as those of CUDA 12 are, so that only
 * what both releases have alike may be used. Immutable.
 *
 * @param resource the native in JCuda's jar
 * @param from the library that it asks for, such as {@code libnvrtc.so.12}
 * @param to the one that it shall ask for, a name of equal length
 */
record ReboundNative(String resource, String from, String to) {
    /** Folder in which copies are kept; by default {@code gatefold/jcuda} in the user's cache. */
    static final String FOLDER_PROPERTY = "gatefold.cuda.natives";

    private static final String TEMPORARY = "java.io.tmpdir";

    private static final int PROGRAM_HEADERS = 32;
    private static final int PROGRAM_HEADER_SIZE = 54;
    private static final int LOADED = 1;
    private static final int DYNAMIC = 2;
    private static final long NEEDED = 1;
    private static final long STRINGS = 5;
    private static final long VERSIONS_NEEDED = 0x6FFFFFFEL;
    private static final long VERSIONS_NEEDED_COUNT = 0x6FFFFFFFL;

    /**
     * Lets JCuda load the copy in the place of its own.
     *
     * @param initialisation first use of the class of JCuda that loads the native
     * @throws CudaException if the copy cannot be written
     */
    void during(Runnable initialisation) {
        Path folder = CacheFolder.chosen(FOLDER_PROPERTY, "jcuda").resolve(to);
        Path file = folder.resolve(Path.of(resource).getFileName());
        byte[] rebound = rebound(bytes());
        try {
            if (!CacheFolder.mayTrust(file)
                    || !ByteBuffer.wrap(Files.readAllBytes(file)).equals(ByteBuffer.wrap(rebound))) {
                CacheFolder.write(file, rebound);
            }
        } catch (IOException e) {
            throw unwritten(file, e.toString());
        }
        if (!CacheFolder.mayTrust(file)) {
            throw unwritten(file, "it is not there, or others can write it");
        }
        // JCuda takes a file of the right name from there, if there is one.
        String before = System.setProperty(TEMPORARY, folder.toString());
        try {
            initialisation.run();
        } finally {
            System.setProperty(TEMPORARY, before);
        }
    }

    private static CudaException unwritten(Path file, String reason) {
        return new CudaException("a native library of JCuda cannot be written to " + file + " (" + reason
                + "): make room there, or name another folder with -D" + FOLDER_PROPERTY);
    }

    private byte[] bytes() {
        try (InputStream in = ReboundNative.class.getClassLoader().getResourceAsStream(resource)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new CudaException(resource + " cannot be read: " + e);
        }
    }

    /** The bytes of the native as it shall be. */
    byte[] rebound(byte[] original) {
        ByteBuffer elf = ByteBuffer.wrap(original.clone()).order(ByteOrder.LITTLE_ENDIAN);
        long dynamic = -1;
        for (int i = 0; i < elf.getShort(PROGRAM_HEADER_SIZE + 2); i++) {
            int header = programHeader(elf, i);
            dynamic = elf.getInt(header) == DYNAMIC ? elf.getLong(header + 8) : dynamic;
        }
        if (dynamic < 0) {
            throw new CudaException(resource + ": expected a shared library, got one without a dynamic section");
        }
        int strings = -1;
        int versions = -1;
        long count = 0;
        for (int at = (int) dynamic; elf.getLong(at) != 0; at += 16) {
            long tag = elf.getLong(at);
            if (tag == STRINGS) {
                strings = place(elf, elf.getLong(at + 8));
            } else if (tag == VERSIONS_NEEDED) {
                versions = place(elf, elf.getLong(at + 8));
            } else if (tag == VERSIONS_NEEDED_COUNT) {
                count = elf.getLong(at + 8);
            }
        }
        boolean found = false;
        // Names may stand once for all that mean them, so that they are changed when all are found.
        for (int i = 0; i < count; i++) {
            for (int k = 0, aux = versions + elf.getInt(versions + 8); k < elf.getShort(versions + 2); k++) {
                if (text(elf, strings + elf.getInt(aux + 8)).equals(from)) {
                    elf.putInt(aux, hash(to));
                    found = true;
                }
                aux += elf.getInt(aux + 12);
            }
            versions += elf.getInt(versions + 12);
        }
        int names = 0;
        for (int at = (int) dynamic; elf.getLong(at) != 0; at += 16) {
            int name = elf.getLong(at) == NEEDED ? strings + (int) elf.getLong(at + 8) : -1;
            if (name >= 0 && text(elf, name).equals(from)) {
                names++;
                elf.position(name);
                elf.put(to.getBytes(StandardCharsets.US_ASCII));
            }
        }
        if (names != 1 || !found || from.length() != to.length()) {
            throw new CudaException(resource + ": expected a library that needs " + from + " and its versions once");
        }
        return elf.array();
    }

    private static int programHeader(ByteBuffer elf, int index) {
        return (int) elf.getLong(PROGRAM_HEADERS) + index * elf.getShort(PROGRAM_HEADER_SIZE);
    }

    /** Where in the file stands what is at an address when it is loaded. */
    private static int place(ByteBuffer elf, long address) {
        for (int i = 0; i < elf.getShort(PROGRAM_HEADER_SIZE + 2); i++) {
            int header = programHeader(elf, i);
            long offset = address - elf.getLong(header + 16);
            if (elf.getInt(header) == LOADED && offset >= 0 && offset < elf.getLong(header + 32)) {
                return (int) (elf.getLong(header + 8) + offset);
            }
        }
        throw new CudaException("a native library of JCuda has nothing at " + Long.toHexString(address));
    }

    private static String text(ByteBuffer elf, int from) {
        int to = from;
        while (elf.get(to) != 0) {
            to++;
        }
        byte[] letters = new byte[to - from];
        elf.get(from, letters);
        return new String(letters, StandardCharsets.US_ASCII);
    }

    /** The hash of a version's name (System V ABI, "Hash Table"). */
    static int hash(String name) {
        int hash = 0;
        for (byte letter : name.getBytes(StandardCharsets.US_ASCII)) {
            hash = (hash << 4) + letter;
            int high = hash & 0xF0000000;
            hash = (hash ^ (high >>> 24)) & ~high;
        }
        return hash;
    }
}
