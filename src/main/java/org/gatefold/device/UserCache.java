package org.gatefold.device;

import java.nio.file.Path;

/**
 * The folders in which backends keep what they can make again: each has one below {@code gatefold} in the user's cache
 * folder. Immutable; makes none of them.
 */
public final class UserCache {
    private final Path root;

    /**
     * @param cacheHome the user's cache folder; null or blank for {@code .cache} in his home
     * @param home his home
     */
    public UserCache(String cacheHome, String home) {
        Path caches = cacheHome == null || cacheHome.isBlank() ? Path.of(home, ".cache") : Path.of(cacheHome);
        this.root = caches.resolve("gatefold");
    }

    /** That of the user whose process this is: under {@code XDG_CACHE_HOME}, where that is set. */
    public static UserCache ofThisUser() {
        return new UserCache(System.getenv("XDG_CACHE_HOME"), System.getProperty("user.home", ""));
    }

    /** The folder of that name. */
    public Path folder(String name) {
        return root.resolve(name);
    }
}
