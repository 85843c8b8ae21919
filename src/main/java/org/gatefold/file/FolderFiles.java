package org.gatefold.file;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/** The files of a folder by their endings. Stateless. */
public final class FolderFiles {
    private FolderFiles() {}

    /**
     * The files of a folder and of those in it, in the order of names. Files and folders whose names begin with a dot are left out.
     *
     * @param endings those of the files that are wanted, in small letters, without a dot
     * @throws IOException if it cannot be read
     */
    public static List<Path> of(Path folder, Set<String> endings) throws IOException {
        try (Stream<Path> files = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> endings.contains(ending(file)) && !isHidden(folder.relativize(file)))
                    .sorted()
                    .toList();
        }
    }

    private static boolean isHidden(Path inside) {
        for (Path part : inside) {
            if (part.toString().startsWith(".")) {
                return true;
            }
        }
        return false;
    }

    /** What the name of a file ends with after its last dot, in small letters. */
    public static String ending(Path file) {
        String name = file.getFileName().toString();
        return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    }
}
