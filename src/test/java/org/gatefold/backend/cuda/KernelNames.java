package org.gatefold.backend.cuda;

import java.util.List;
import java.util.regex.Pattern;

/** Reads the names of the kernels out of a source. */
public final class KernelNames {
    private static final Pattern KERNEL =
            Pattern.compile("__global__\\s+void\\s+(?:__launch_bounds__\\([^)]*\\)\\s+)?(\\w+)\\s*\\(");

    private KernelNames() {}

    public static List<String> in(String source) {
        return KERNEL.matcher(source).results().map(match -> match.group(1)).toList();
    }
}
