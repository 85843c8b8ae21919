package org.gatefold.cli;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.gatefold.device.Device;
import org.gatefold.recipe.TrainedModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code gatefold predict}: loads a trained model and writes its answers on new rows. */
@Command(
        name = "predict",
        description =
                "Answers the rows of a file with a trained model: forecasts, classes or numbers as CSV, tags in columns.",
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

    @Mixin
    private DeviceOption device;

    @Override
    public Integer call() throws IOException {
        Path file = model.file();
        String text;
        try (Device opened = device.open();
                TrainedModel trained = TrainedModel.load(opened, file)) {
            text = trained.predict(data, walkForward);
        }
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
}
