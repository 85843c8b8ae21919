package org.gatefold.backend.cuda.library;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Finds shared libraries by file name: first what this process has mapped already, then a list of folders. Immutable.
 *
 * <p>Java loads a library under a versioned name such as {@code libnvrtc.so.12} by its full path only, hence the search.
 */
public final class LibrarySearch {
    private static final int ELF_64_BIT = 2;
    private static final int ELF_X86_64 = 62;

    private final Set<Path> folders;
    private final Set<Path> mapped;

    /**
     * @param folders searched in this order
     * @param mapped libraries that are in this process already, by full path
     */
    LibrarySearch(Collection<Path> folders, Collection<Path> mapped) {
        this.folders = new LinkedHashSet<>(folders);
        this.mapped = new LinkedHashSet<>(mapped);
    }

    /**
     * Searches where the dynamic linker would (the library path and the linker's cache) and where CUDA is usually
     * installed, newest first.
     */
    public static LibrarySearch system() {
        List<Path> folders = new ArrayList<>();
        for (String entry : System.getProperty("java.library.path", "").split(File.pathSeparator)) {
            if (!entry.isBlank()) {
                folders.add(Path.of(entry));
            }
        }
        for (String variable : List.of("CUDA_HOME", "CUDA_PATH")) {
            String home = System.getenv(variable);
            if (home != null && !home.isBlank()) {
                folders.add(Path.of(home, "lib64"));
            }
        }
        folders.addAll(linkerCacheFolders(Path.of("/etc/ld.so.cache")));
        folders.addAll(installations(Path.of("/usr/local")));
        for (String usual : List.of("/opt/cuda/lib64", "/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib/wsl/lib")) {
            folders.add(Path.of(usual));
        }
        return new LibrarySearch(folders, mappedLibraries(Path.of("/proc/self/maps")));
    }

    /** The library called exactly {@code name}, if one for this machine is there. */
    public Optional<Path> find(String name) {
        Optional<Path> loaded = mapped.stream()
                .filter(path -> path.getFileName().toString().equals(name))
                .findFirst();
        return loaded.isPresent()
                ? loaded
                : folders.stream()
                        .map(folder -> folder.resolve(name))
                        .filter(LibrarySearch::fitsThisMachine)
                        .findFirst();
    }

    /** True if the library is in this process already and need not be loaded. */
    boolean isMapped(Path library) {
        return mapped.contains(library);
    }

    /** Libraries whose names begin with {@code prefix}: other versions of one that was not found. */
    List<Path> startingWith(String prefix) {
        List<Path> found = new ArrayList<>();
        for (Path folder : folders) {
            found.addAll(list(folder, prefix + "*"));
        }
        return found;
    }

    /** False for what is no 64-bit x86 library, such as the 32-bit ones that stand in the linker's cache too. */
    private static boolean fitsThisMachine(Path file) {
        if (!Files.isRegularFile(file)) {
            return false;
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] header = in.readNBytes(20);
            boolean elf = header.length == 20
                    && header[0] == 0x7F
                    && header[1] == 'E'
                    && header[2] == 'L'
                    && header[3] == 'F';
            // What is no library at all is found, so that loading it says what is wrong with it.
            return !elf || (header[4] == ELF_64_BIT && (header[18] & 0xFF) == ELF_X86_64);
        } catch (IOException e) {
            return false;
        }
    }

    /** The cache is a table of numbers that point into a block of zero-terminated strings, paths among them. */
    private static List<Path> linkerCacheFolders(Path cache) {
        Set<Path> folders = new LinkedHashSet<>();
        try {
            String text = new String(Files.readAllBytes(cache), StandardCharsets.ISO_8859_1);
            for (String entry : text.split("\0")) {
                if (entry.matches("/.*/lib(cuda|nvrtc|cudnn)\\.so.*")) {
                    folders.add(Path.of(entry).getParent());
                }
            }
        } catch (IOException e) {
            // Not every Linux has one; the other places remain.
            return List.of();
        }
        return new ArrayList<>(folders);
    }

    private static List<Path> installations(Path root) {
        return list(root, "cuda*").stream()
                .map(folder -> folder.resolve("lib64"))
                .sorted(Comparator.reverseOrder())
                .toList();
    }

    /** What stands in a folder under names of a pattern; nothing if there is no such folder. */
    private static List<Path> list(Path folder, String pattern) {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, pattern)) {
            entries.forEach(found::add);
        } catch (IOException e) {
            return List.of();
        }
        return found;
    }

    private static List<Path> mappedLibraries(Path maps) {
        Set<Path> libraries = new LinkedHashSet<>();
        try {
            for (String line : Files.readAllLines(maps)) {
                int path = line.indexOf('/');
                if (path >= 0 && line.contains(".so")) {
                    libraries.add(Path.of(line.substring(path)));
                }
            }
        } catch (IOException e) {
            // Only what is mapped already cannot be told; the folders remain.
            return List.of();
        }
        return new ArrayList<>(libraries);
    }
}
