package org.gatefold.backend.cuda.library;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLConnection;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Properties;
import org.gatefold.backend.cuda.driver.CudaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The CUDA runtime libraries in the redistributable jar of org.bytedeco:cuda, unpacked once into a folder of the user's
 * that is named after the jar's version.
 *
 * <p>A library is written to a temporary file and renamed, under a lock that all processes respect; one whose size is not
 * that in the jar, or that others than this user can write, is unpacked again. Immutable; safe for many threads and processes.
 *
 * @param loader whose class path may hold the jar
 * @param root folder for one folder per version
 */
record RedistLibraries(ClassLoader loader, Path root) {
    /** Folder in which the libraries are unpacked, by version; by default {@code gatefold/cuda} in the user's cache. */
    static final String FOLDER_PROPERTY = "gatefold.cuda.redist";

    private static final Logger LOG = LoggerFactory.getLogger(RedistLibraries.class);
    private static final String PLACE = "org/bytedeco/cuda/linux-x86_64/";
    private static final String VERSION = "META-INF/maven/org.bytedeco/cuda/pom.properties";

    static RedistLibraries standard() {
        return new RedistLibraries(RedistLibraries.class.getClassLoader(), CacheFolder.chosen(FOLDER_PROPERTY, "cuda"));
    }

    /** True if the jar with the library is on the class path. */
    boolean has(String library) {
        return loader.getResource(PLACE + library) != null;
    }

    /**
     * Unpacks those of the libraries that are not unpacked yet.
     *
     * @return the folder they lie in
     * @throws CudaException if the jar lacks one or the folder cannot be written
     */
    Path unpack(List<String> libraries) {
        Path folder = root.resolve(version(libraries.get(0)));
        try {
            if (allThere(folder, libraries)) {
                return folder;
            }
            CacheFolder.make(folder);
            try (FileChannel channel = FileChannel.open(
                            folder.resolve("unpack.lock"),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE,
                            LinkOption.NOFOLLOW_LINKS);
                    FileLock lock = channel.lock()) {
                for (String library : libraries) {
                    if (lock.isValid() && !isThere(folder, library)) {
                        unpack(folder, library);
                    }
                }
            }
        } catch (IOException e) {
            throw new CudaException("the CUDA libraries cannot be unpacked into " + folder + " (" + e
                    + "): make room there, or name another folder with -D" + FOLDER_PROPERTY);
        }
        return folder;
    }

    private boolean allThere(Path folder, List<String> libraries) throws IOException {
        for (String library : libraries) {
            if (!isThere(folder, library)) {
                return false;
            }
        }
        return true;
    }

    private boolean isThere(Path folder, String library) throws IOException {
        Path file = folder.resolve(library);
        return CacheFolder.mayTrust(file) && Files.size(file) == size(library);
    }

    private long size(String library) throws IOException {
        URLConnection connection = resource(library).openConnection();
        // A cached connection would be another loader's open jar.
        connection.setUseCaches(false);
        try (InputStream in = connection.getInputStream()) {
            long size = connection.getContentLengthLong();
            return size >= 0 ? size : in.available();
        }
    }

    private void unpack(Path folder, String library) throws IOException {
        LOG.info("unpacking {} into {}", library, folder);
        Path temporary = Files.createTempFile(folder, library, ".part");
        try {
            try (InputStream in = resource(library).openStream();
                    OutputStream out = Files.newOutputStream(temporary)) {
                in.transferTo(out);
            }
            Files.move(
                    temporary,
                    folder.resolve(library),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private URL resource(String library) {
        URL url = loader.getResource(PLACE + library);
        if (url == null) {
            throw new CudaException("the class path has no " + PLACE + library
                    + ": expected the jar org.bytedeco:cuda with classifier linux-x86_64-redist");
        }
        return url;
    }

    /** The version that stands in the jar which the library is in. */
    private String version(String library) {
        String place = resource(library).toString();
        String jar = place.substring(0, place.length() - PLACE.length() - library.length());
        Properties properties = new Properties();
        try (InputStream in = new URL(jar + VERSION).openStream()) {
            properties.load(in);
        } catch (IOException e) {
            throw new CudaException(jar + " does not tell its version: " + e);
        }
        return properties.getProperty("version", "unknown");
    }
}
