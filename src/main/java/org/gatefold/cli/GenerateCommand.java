package org.gatefold.cli;

import com.google.errorprone.annotations.MustBeClosed;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import org.gatefold.decode.Sampling;
import org.gatefold.device.Device;
import org.gatefold.recipe.TextGenerator;
import org.gatefold.recipe.TrainedModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** {@code gatefold generate}: loads a trained language model and goes on with a text, which is printed as it comes. */
@Command(
        name = "generate",
        description = "Goes on with a text by a trained language model.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class GenerateCommand extends Subcommand {
    /** Most unknown tokens that a warning names. */
    private static final int MOST_NAMED = 5;

    @Mixin
    private ModelParameter model;

    @Option(
            names = "--prompt",
            paramLabel = "TEXT",
            defaultValue = "",
            description = "What is gone on with; by default the beginning of a line.")
    private String prompt;

    @Option(
            names = "--length",
            paramLabel = "N",
            defaultValue = "200",
            description = "Tokens to write. By default 200.")
    private int length;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            defaultValue = "1",
            description = "Below 1 likely tokens become likelier; 0 always takes the likeliest. By default 1.")
    private float temperature;

    @Option(
            names = "--top-k",
            paramLabel = "K",
            defaultValue = "0",
            description = "Draw from the K likeliest tokens alone; 0, the default, for all.")
    private int topK;

    @Option(
            names = "--top-p",
            paramLabel = "P",
            defaultValue = "1",
            description = "Draw from the fewest tokens whose probabilities sum up to P alone; 1, the default, for all.")
    private float topP;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Another one gives another text. By default 1.")
    private long seed;

    @Mixin
    private DeviceOption device;

    @Override
    public Integer call() {
        Sampling sampling = sampling();
        Path file = model.file();
        try (Device opened = device.open();
                TrainedModel trained = TrainedModel.load(opened, file);
                TextGenerator generator = generator(trained, file)) {
            warn(generator.read(prompt));
            PrintWriter out = out();
            out.print(prompt);
            // A reader that has gone away, such as head, wants no more.
            for (int i = 0; i < length && !out.checkError(); i++) {
                out.print(generator.next(sampling));
            }
            out.println();
        }
        return Main.DONE;
    }

    private Sampling sampling() {
        try {
            if (length < 1) {
                throw new IllegalArgumentException("length: expected at least 1, got " + length);
            }
            Sampling sampling = Sampling.of(seed).topK(topK).topP(topP);
            return temperature == 0f ? sampling.topK(1) : sampling.temperature(temperature);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec().commandLine(), e.getMessage(), e);
        }
    }

    @MustBeClosed
    private static TextGenerator generator(TrainedModel trained, Path file) {
        try {
            return trained.generator();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
        }
    }

    private void warn(List<String> unknown) {
        if (!unknown.isEmpty()) {
            List<String> different = unknown.stream().distinct().toList();
            spec().commandLine()
                    .getErr()
                    .println("the model does not know " + unknown.size() + " of the tokens of the prompt: "
                            + String.join(" ", different.subList(0, Math.min(MOST_NAMED, different.size())))
                            + (different.size() > MOST_NAMED ? " ..." : ""));
        }
    }
}
