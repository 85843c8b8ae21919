package org.gatefold.backend.cuda.library;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Decides where the driver, the CUDA runtime libraries and cuDNN are taken from: a folder that the user names, else the
 * system, else the redistributable jar. The driver never comes from the jar: it belongs to the kernel module. cuDNN is
 * asked for apart, since a GPU works without it. Immutable.
 *
 * @param folder the user's folder, empty if none was named
 * @param search the system's libraries
 * @param redist the jar's libraries
 */
public record LibraryChoice(String folder, LibrarySearch search, RedistLibraries redist) {
    /**
     * Names a folder with libnvrtc.so.12 and libcublas.so.12, or 13; its libcuda.so.1 and libcudnn.so.9 are used too if it has
     * them.
     */
    public static final String FOLDER_PROPERTY = "gatefold.cuda.libraries";

    static final String DRIVER = "libcuda.so.1";
    static final String NVRTC = "libnvrtc.so.";
    static final String CUBLAS = "libcublas.so.";
    static final String CUDNN = "libcudnn.so.9";

    private static final String BUILTINS = "libnvrtc-builtins.so.";
    private static final String CUBLAS_LT = "libcublasLt.so.";

    /** Releases of CUDA whose libraries do, the preferred one first: it is the one that the jar has. */
    private static final List<Integer> RELEASES = List.of(12, 13);

    /** The parts of cuDNN behind recurrent layers and softmax; it loads them itself from the folder it lies in. */
    private static final List<String> CUDNN_PARTS =
            List.of("libcudnn_graph.so.9", "libcudnn_ops.so.9", "libcudnn_adv.so.9");

    private static final String FROM_MAVEN =
            "from Maven (build with -Pcuda-redist: GATEFOLD_MAVEN_OPTS=-Pcuda-redist ./gatefold)";
    private static final String GET_LIBRARIES = "install CUDA 12 or 13, or take its libraries " + FROM_MAVEN;
    private static final String GET_CUDNN = "install cuDNN 9 for CUDA 12, or take it " + FROM_MAVEN;

    static LibraryChoice standard() {
        return new LibraryChoice(
                System.getProperty(FOLDER_PROPERTY, "").trim(), LibrarySearch.system(), RedistLibraries.standard());
    }

    /** What is missing for a GPU, with what would help; empty if all is there. */
    Optional<String> missing() {
        boolean driver = driver().isPresent();
        Optional<String> runtime = runtimeMissing(List.of(NVRTC, CUBLAS));
        if (driver && runtime.isEmpty()) {
            return Optional.empty();
        }
        if (driver) {
            return Optional.of(runtime.get() + ": " + GET_LIBRARIES);
        }
        String text = "no NVIDIA driver (" + DRIVER + " is not installed)";
        return Optional.of(
                runtime.isEmpty()
                        ? text + ": install the driver of your GPU"
                        : text + " and " + runtime.get() + ": install the driver of your GPU; " + GET_LIBRARIES);
    }

    /** What is missing to compile kernels, with what would help; empty if all is there. */
    Optional<String> compilerMissing() {
        return runtimeMissing(List.of(NVRTC)).map(text -> text + ": " + GET_LIBRARIES);
    }

    /** What is missing for cuDNN, with what would help; empty if all is there. */
    Optional<String> cudnnMissing() {
        if (!folder.isEmpty()) {
            return Files.isRegularFile(Path.of(folder, CUDNN)) ? Optional.empty() : Optional.of(lacks(List.of(CUDNN)));
        }
        if (search.find(CUDNN).isPresent() || redist.has(CUDNN)) {
            return Optional.empty();
        }
        return Optional.of(
                "no cuDNN 9 (" + CUDNN + " is not installed" + otherVersion("libcudnn.so.", CUDNN) + "): " + GET_CUDNN);
    }

    /** All that has to be loaded, in this order. Only after {@link #missing()} is empty. */
    List<Path> all() {
        List<Path> paths = new ArrayList<>();
        paths.add(driver().orElseThrow());
        paths.addAll(compiler());
        paths.addAll(runtime(CUBLAS, CUBLAS_LT));
        paths.removeIf(search::isMapped);
        return paths;
    }

    /** What has to be loaded to compile kernels. Only after {@link #compilerMissing()} is empty. */
    List<Path> compiler() {
        List<Path> paths = new ArrayList<>(runtime(NVRTC, BUILTINS));
        paths.removeIf(search::isMapped);
        return paths;
    }

    /** What has to be loaded for cuDNN. Only after {@link #cudnnMissing()} is empty. */
    List<Path> cudnn() {
        Path library;
        if (!folder.isEmpty()) {
            library = Path.of(folder, CUDNN).toAbsolutePath();
        } else {
            library = search.find(CUDNN).orElseGet(() -> {
                List<String> wanted = new ArrayList<>(CUDNN_PARTS);
                wanted.add(CUDNN);
                return redist.unpack(wanted).resolve(CUDNN);
            });
        }
        return search.isMapped(library) ? List.of() : List.of(library);
    }

    /** In words, where the runtime libraries come from. */
    String origin() {
        if (!folder.isEmpty()) {
            return folder;
        }
        return installed(NVRTC + release(NVRTC))
                .map(path -> path.getParent().toString())
                .orElse("the redistributable jar of org.bytedeco:cuda");
    }

    private Optional<Path> driver() {
        if (!folder.isEmpty() && Files.isRegularFile(Path.of(folder, DRIVER))) {
            return Optional.of(Path.of(folder, DRIVER).toAbsolutePath());
        }
        return search.find(DRIVER);
    }

    /** The release of CUDA that a library is taken from, by the beginning of its name. */
    int release(String library) {
        return RELEASES.stream()
                .filter(release -> installed(library + release).isPresent())
                .findFirst()
                .orElse(RELEASES.get(0));
    }

    /** A library in the user's folder, or on the system if none was named. */
    private Optional<Path> installed(String name) {
        if (folder.isEmpty()) {
            return search.find(name);
        }
        Path path = Path.of(folder, name).toAbsolutePath();
        return Files.isRegularFile(path) ? Optional.of(path) : Optional.empty();
    }

    private Optional<String> runtimeMissing(List<String> libraries) {
        List<String> names =
                libraries.stream().map(library -> library + release(library)).toList();
        if (!folder.isEmpty()) {
            if (!Files.isDirectory(Path.of(folder))) {
                return Optional.of("-D" + FOLDER_PROPERTY + ": expected a folder, got '" + folder + "'");
            }
            List<String> absent = names.stream()
                    .filter(name -> !Files.isRegularFile(Path.of(folder, name)))
                    .toList();
            return absent.isEmpty() ? Optional.empty() : Optional.of(lacks(absent));
        }
        List<String> absent = names.stream()
                .filter(name -> search.find(name).isEmpty() && !redist.has(name))
                .toList();
        return absent.isEmpty()
                ? Optional.empty()
                : Optional.of("no libraries of CUDA 12 or 13 (" + String.join(", ", absent)
                        + (absent.size() == 1 ? " is" : " are") + " not installed"
                        + otherVersion(NVRTC, NVRTC + RELEASES.get(0)) + ")");
    }

    private String lacks(List<String> absent) {
        return "-D" + FOLDER_PROPERTY + "=" + folder + " has no " + String.join(", ", absent);
    }

    private String otherVersion(String anyVersion, String wanted) {
        List<Path> others = search.startingWith(anyVersion).stream()
                .filter(path -> !path.getFileName().toString().startsWith(wanted))
                .toList();
        return others.isEmpty() ? "" : "; there is another version, " + others.get(0);
    }

    /** A library behind the companion that it needs from the same place, if that has one. */
    private List<Path> runtime(String stem, String companionStem) {
        String library = stem + release(stem);
        String companion = companionStem + release(stem);
        Optional<Path> installed = installed(library);
        if (installed.isPresent()) {
            return beside(installed.get(), companion);
        }
        List<String> wanted = new ArrayList<>(List.of(library));
        // The builtins carry the minor version in their name.
        for (String name : List.of(companion, companion + ".6")) {
            if (redist.has(name)) {
                wanted.add(name);
            }
        }
        return beside(redist.unpack(wanted).resolve(library), companion);
    }

    private static List<Path> beside(Path library, String companion) {
        LibrarySearch place = new LibrarySearch(List.of(library.getParent()), List.of());
        List<Path> paths = new ArrayList<>();
        place.startingWith(companion).stream().sorted().findFirst().ifPresent(paths::add);
        paths.add(library);
        return paths;
    }
}
