package org.gatefold.device;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.Optional;

/** Which build of Gatefold this is: the version of its jar, or the commit of the source tree that its classes lie in. */
public final class Build {
    private static final int COMMIT_DIGITS = 12;
    private static final String REFERENCE = "ref: ";

    private static final String VERSION = find();

    private Build() {}

    /** The build in words, for instance {@code "1.0"} or {@code "classes, on commit 0123456789ab"}. */
    public static String version() {
        return VERSION;
    }

    private static String find() {
        String version = Build.class.getPackage().getImplementationVersion();
        return version != null ? version : version(folder());
    }

    private static Path folder() {
        CodeSource source = Build.class.getProtectionDomain().getCodeSource();
        try {
            return source == null ? null : Path.of(source.getLocation().toURI());
        } catch (URISyntaxException | RuntimeException e) {
            return null; // classes that lie in no folder
        }
    }

    /** @param classes the folder of the classes; null if there is none */
    static String version(Path classes) {
        for (Path folder = classes; folder != null; folder = folder.getParent()) {
            Path git = folder.resolve(".git");
            if (Files.exists(git)) {
                return commit(git).map(id -> "classes, on commit " + id).orElse("classes");
            }
        }
        return "classes";
    }

    /**
     * What is checked out, read from Git's files (gitrepository-layout(5)), since the program git need not be there.
     *
     * @param git the repository, or in a linked work tree the file that names its folder
     */
    private static Optional<String> commit(Path git) {
        try {
            Path folder = git;
            if (Files.isRegularFile(git)) {
                folder = git.resolveSibling(read(git).replaceFirst("^gitdir: ", ""));
            }
            String head = read(folder.resolve("HEAD"));
            String id = head.startsWith(REFERENCE) ? resolve(folder, head.substring(REFERENCE.length())) : head;
            return Optional.of(id)
                    .filter(hash -> hash.matches("[0-9a-f]{40,}"))
                    .map(hash -> hash.substring(0, COMMIT_DIGITS));
        } catch (IOException | RuntimeException e) {
            return Optional.empty();
        }
    }

    /** The commit that a reference names; empty if it names none. Linked work trees share their references. */
    private static String resolve(Path folder, String reference) throws IOException {
        Path shared = folder.resolve("commondir");
        Path common = Files.exists(shared) ? folder.resolve(read(shared)) : folder;
        Path loose = common.resolve(reference);
        if (Files.exists(loose)) {
            return read(loose);
        }
        return Files.readAllLines(common.resolve("packed-refs")).stream()
                .filter(line -> line.endsWith(" " + reference))
                .map(line -> line.substring(0, line.indexOf(' ')))
                .findFirst()
                .orElse("");
    }

    private static String read(Path file) throws IOException {
        return Files.readString(file).strip();
    }
}
