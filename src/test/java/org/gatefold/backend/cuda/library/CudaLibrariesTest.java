package org.gatefold.backend.cuda.library;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CudaLibrariesTest {
    @Test
    void tellsWhatTheLinkerMissed() {
        String message = """
                Error while loading native library "JCublas2"
                Architecture         : amd64
                ---(start of nested stack traces)---
                java.lang.UnsatisfiedLinkError: no JCublas2 in java.library.path: /lib
                \tat java.base/java.lang.ClassLoader.loadLibrary(ClassLoader.java:2434)
                java.lang.UnsatisfiedLinkError: /tmp/libJCublas2.so: libcublas.so.12: cannot open shared object file
                \tat java.base/java.lang.System.load(System.java:1970)
                """;
        assertThat(CudaLibraries.reason(message))
                .isEqualTo(
                        "Error while loading native library \"JCublas2\": /tmp/libJCublas2.so: libcublas.so.12: cannot"
                                + " open shared object file");
    }

    @Test
    void anyOtherMessageIsToldByItsFirstLine() {
        assertThat(CudaLibraries.reason("a file\nand more")).isEqualTo("a file");
    }
}
