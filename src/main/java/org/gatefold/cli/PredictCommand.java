package org.gatefold.cli;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.gatefold.cli.output.Plots;
import org.gatefold.data.audio.AudioFile;
import org.gatefold.device.Device;
import org.gatefold.recipe.SpeechStream;
import org.gatefold.recipe.TrainedModel;
import org.gatefold.recipe.field.picture.Picture;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** {@code gatefold predict}: loads a trained model and writes its answers on new rows. */
@Command(
        name = "predict",
        description =
                "Answers the rows of a file with a trained model: forecasts, classes or numbers as CSV, tags in columns, texts as lines.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class PredictCommand extends Subcommand {
    @Mixin
    private ModelParameter model;

    @Option(
            names = "--data",
            paramLabel = "FILE",
            required = true,
            description = "A file as the model was trained on; what is to be answered need not be in it.")
    private Path data;

    @Option(names = "--out", paramLabel = "FILE", description = "Where to write; to the terminal by default.")
    private Path out;

    @Option(
            names = "--walk-forward",
            description = "Forecasting models: also forecast every row of the file that has a whole window before it.")
    private boolean walkForward;

    @Option(
            names = "--json",
            description =
                    "Models that tag words: a JSON object a line, with the spans that were found and where they stand.")
    private boolean json;

    @Option(
            names = "--n-best",
            paramLabel = "N",
            description = "Models that write sequences: lines of row, score and text for the best few of each row.")
    private Integer best;

    @Option(
            names = {"--pictures", "--attention"},
            paramLabel = "DIR",
            description =
                    "Models that write sequences: also a picture in this folder of where each was found, for each row: what was looked at,"
                            + " or the words over a spectrogram.")
    private Path drawn;

    @Option(
            names = "--stream",
            description =
                    "Models of 'train speech --streaming': hears a recording in pieces of 100 ms; a line of seconds and the text so far when it changes.")
    private boolean stream;

    @Mixin
    private DeviceOption device;

    @Override
    public Integer call() throws IOException {
        if (best != null && (best < 1 || walkForward)) {
            throw new ParameterException(
                    spec().commandLine(),
                    walkForward
                            ? "--n-best: expected no --walk-forward beside it"
                            : "--n-best: expected at least 1, got " + best);
        }
        if (json && (best != null || walkForward)) {
            throw new ParameterException(
                    spec().commandLine(), "--json: expected no --n-best or --walk-forward beside it");
        }
        if (stream && (json || best != null || walkForward || drawn != null)) {
            throw new ParameterException(
                    spec().commandLine(), "--stream: expected none of the other ways to answer beside it");
        }
        Path file = model.file();
        String text;
        List<Picture> pictures;
        try (Device opened = device.open();
                TrainedModel trained = TrainedModel.load(opened, file)) {
            text = answers(trained);
            pictures = drawn == null ? List.of() : trained.pictures(data);
        }
        draw(pictures);
        PrintWriter terminal = out();
        if (out == null) {
            terminal.print(text);
            terminal.flush();
            return Main.DONE;
        }
        // Not through a temporary file: --out may be a pipe or a device.
        try (OutputStream stream = new FileOutputStream(out.toFile())) {
            stream.write(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new IOException("cannot write " + out + ": " + e.getMessage(), e);
        }
        terminal.println("answers written to " + out);
        return Main.DONE;
    }

    private String answers(TrainedModel trained) throws IOException {
        if (stream) {
            try (SpeechStream listening = trained.listen()) {
                return new Streaming(listening).lines(AudioFile.read(data));
            }
        }
        if (json) {
            return trained.jsonLines(data);
        }
        return best == null ? trained.predict(data, walkForward) : trained.ranked(data, best);
    }

    private void draw(List<Picture> pictures) throws IOException {
        if (drawn != null) {
            Files.createDirectories(drawn);
        }
        for (Picture picture : pictures) {
            Plots.picture(drawn.resolve(picture.file() + ".png"), picture);
        }
    }
}
