package org.gatefold.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.gatefold.recipe.RunFolder;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;

/** The options on data and folder of a run; mixed into commands that train. */
final class RunOption {
    /** Options that say where to go on, not with what. */
    private static final Set<String> KEPT =
            Set.of("--out", "--resume", "--device", "--threads", "--verbose", "--debug");

    @Option(
            names = "--data",
            paramLabel = "FILE",
            description = "What to train on; without it, the sample that travels with the program. Gzip is fine.")
    private Path data;

    @Option(
            names = "--valid",
            paramLabel = "FILE",
            description = "What to find the best epoch by, in place of a --validation share of --data.")
    private Path valid;

    @Option(
            names = "--test",
            paramLabel = "FILE",
            description = "What to test on, if not the end of --data, all of which is then trained on.")
    private Path test;

    @Option(names = "--out", paramLabel = "DIR", description = "Folder of the run; a new one under runs/ by default.")
    private Path out;

    @Option(
            names = "--resume",
            description =
                    "Go on with the run in --out, or with the latest one under runs/, with the options it began with.")
    private boolean resume;

    Path data() {
        return data;
    }

    Path valid() {
        return valid;
    }

    Path test() {
        return test;
    }

    Path out() {
        return out;
    }

    boolean resume() {
        return resume;
    }

    /** Says which of the options that were given have no effect on a run that goes on. */
    void tellIgnored(CommandSpec command) {
        List<String> ignored = command.commandLine().getParseResult().matchedOptions().stream()
                .map(OptionSpec::longestName)
                .filter(name -> !KEPT.contains(name))
                .toList();
        if (!ignored.isEmpty()) {
            command.commandLine()
                    .getErr()
                    .println("--resume goes on with the options that the run began with; ignored: "
                            + String.join(", ", ignored));
        }
    }

    /** The folder of the run to go on with. */
    RunFolder resumed(String recipe) throws IOException {
        return out == null ? RunFolder.latest(recipe) : RunFolder.open(out, recipe);
    }
}
