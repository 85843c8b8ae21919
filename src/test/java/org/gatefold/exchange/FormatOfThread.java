package org.gatefold.exchange;

import java.nio.file.Path;
import java.util.List;

/** A kind of file that only a class loader of a test knows. */
public final class FormatOfThread implements ModelFormat {
    @Override
    public String name() {
        return "thread";
    }

    @Override
    public String title() {
        return "a model of the thread";
    }

    @Override
    public List<String> endings() {
        return List.of();
    }

    @Override
    public boolean recognises(Path file, byte[] head) {
        return false;
    }

    @Override
    public String describe(Path file) {
        return "";
    }
}
