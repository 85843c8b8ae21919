package org.gatefold.cli;

import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The options on the folder of a run; mixed into commands that train. */
final class RunOption {
    @Option(names = "--out", paramLabel = "DIR", description = "Folder of the run; a new one under runs/ by default.")
    private Path out;

    @Option(
            names = "--resume",
            description =
                    "Go on with the run in --out, or with the latest one under runs/, with the options it began with.")
    private boolean resume;

    boolean resume() {
        return resume;
    }

    /** The folder of a new run, or the one to go on with. */
    RunFolder folder(String recipe) throws IOException {
        if (resume) {
            return out == null ? RunFolder.latest(recipe) : RunFolder.open(out, recipe);
        }
        return RunFolder.create(out, recipe);
    }
}
