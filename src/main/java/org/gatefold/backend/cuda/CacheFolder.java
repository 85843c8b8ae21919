package org.gatefold.backend.cuda;

import java.nio.file.Path;

/** Where this backend keeps files that it can make again: the user's cache folder. Stateless. */
final class CacheFolder {
    private CacheFolder() {}

    /** The folder {@code gatefold/NAME} under {@code XDG_CACHE_HOME}, or under {@code ~/.cache} where that is not set. */
    static Path of(String name) {
        String cacheHome = System.getenv("XDG_CACHE_HOME");
        Path home = cacheHome == null || cacheHome.isBlank()
                ? Path.of(System.getProperty("user.home"), ".cache")
                : Path.of(cacheHome);
        return home.resolve("gatefold").resolve(name);
    }
}
