package org.gatefold.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.gatefold.data.CsvTable;
import org.gatefold.device.Copies;
import org.gatefold.device.Device;
import org.gatefold.recipe.ModelTraining;
import org.gatefold.recipe.NetworkOptions;
import org.gatefold.recipe.RunFolder;
import org.gatefold.recipe.TrainingOptions;
import org.gatefold.recipe.digits.DigitClassifier;
import org.gatefold.recipe.digits.DigitImages;
import org.gatefold.recipe.digits.DigitReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code gatefold train digits}: trains a classifier of digit images and measures it beside its baselines. */
@Command(
        name = "digits",
        description = "Trains a bidirectional LSTM that recognises 8×8 images of digits, read row by row as sequences;"
                + " without --data, the images that travel with the program.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Defaults: 96 hidden units in 1 layer, 20 epochs over every image and its four shifts by one pixel, batch 32,"
                    + " learning rate 0.002, weight decay 0.01, seed 1; the first 1,400 of 1,797 images to train on. All"
                    + " of this was chosen on the last fifth of the training part."
        })
final class DigitsCommand implements Callable<Integer> {
    private static final String IMAGES = "digits-8x8.csv.gz";
    private static final double TRAIN_SHARE = 1400.0 / 1797;
    private static final NetworkOptions NETWORK = new NetworkOptions(96, 1, 0);
    private static final TrainingOptions TRAINING = new TrainingOptions(20, 32, 2e-3f, 0.01f, 1, 0, 5, 1);

    /** Without shifts an epoch is a fifth as long. */
    private static final int EPOCHS_WITHOUT_SHIFTS = 30;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--data",
            paramLabel = "FILE",
            description = "A CSV file without a header: 64 pixels 0 to 16, row by row, and the digit; gzip is fine.")
    private Path data;

    @Option(
            names = "--train-rows",
            paramLabel = "N",
            description = "Images to train on, the first ones; all later ones are the test part. 78 %% by default.")
    private Integer trainRows;

    @Option(names = "--no-shifts", description = "Do not also show every image moved by one pixel to each side.")
    private boolean noShifts;

    @Mixin
    private TrainingOption training;

    @Mixin
    private RunOption run;

    @Mixin
    private DeviceOption device;

    /**
     * All that fixes a run; kept in its folder, so that it can be resumed.
     *
     * @param data the CSV file as an absolute path; null for the images that travel with the program
     */
    private record Settings(
            String data, int trainingRows, boolean shifts, NetworkOptions network, TrainingOptions training) {}

    @Override
    public Integer call() throws IOException {
        Settings settings;
        RunFolder folder;
        DigitImages images;
        if (run.resume()) {
            run.tellIgnored(spec);
            folder = run.folder(DigitClassifier.RECIPE);
            settings = folder.settings(Settings.class);
            images = images(settings.data() == null ? null : Path.of(settings.data()));
            checked(settings, images);
        } else {
            images = images(data);
            settings = settings(images);
            folder = run.folder(DigitClassifier.RECIPE);
            folder.begin(DigitClassifier.RECIPE, settings);
        }
        return train(settings, images, folder);
    }

    private static DigitImages images(Path file) throws IOException {
        DigitImages images;
        if (file == null) {
            try (InputStream stream = CsvTable.class.getResourceAsStream(IMAGES)) {
                images = DigitImages.of(CsvTable.readWithoutHeader(IMAGES, stream));
            }
        } else {
            images = DigitImages.of(CsvTable.readWithoutHeader(file));
        }
        if (images.labels() == null) {
            throw new IllegalArgumentException(images.source() + ": expected the digit in column 65 to learn from");
        }
        return images;
    }

    private Settings settings(DigitImages images) {
        try {
            TrainingOptions wanted = training.training(TRAINING);
            return checked(
                    new Settings(
                            data == null ? null : data.toAbsolutePath().toString(),
                            trainRows == null ? (int) Math.round(images.count() * TRAIN_SHARE) : trainRows,
                            !noShifts,
                            training.network(NETWORK),
                            noShifts && training.epochs().isEmpty()
                                    ? wanted.withEpochs(EPOCHS_WITHOUT_SHIFTS)
                                    : wanted),
                    images);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    private static Settings checked(Settings settings, DigitImages images) {
        if (settings.trainingRows() < 1 || settings.trainingRows() >= images.count()) {
            throw new IllegalArgumentException("training rows: expected 1 to " + (images.count() - 1) + " of the "
                    + images.count() + " images, got " + settings.trainingRows());
        }
        return settings;
    }

    private int train(Settings settings, DigitImages images, RunFolder folder) throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        ModelTraining training = new ModelTraining(settings.training())
                .checkpoints(folder.checkpoint(DigitClassifier.RECIPE))
                .resume(run.resume());
        DigitImages shown = images.part(0, settings.trainingRows());
        DigitImages test = images.part(settings.trainingRows(), images.count());
        try (Interruption interruption = Interruption.stopping(training);
                Device opened = device.open();
                DigitClassifier classifier = DigitClassifier.create(
                        opened, settings.network(), settings.training().seed())) {
            out.println(images.source() + ": " + shown.count() + " images to train on"
                    + (settings.shifts() ? ", each with its four shifts by one pixel" : "") + ", " + test.count()
                    + " to test; bidirectional LSTM of " + settings.network().hidden() + " units, layers "
                    + settings.network().layers() + ", seed "
                    + settings.training().seed());
            String implementation =
                    classifier.implementation(settings.training().batch());
            Copies before = opened.copies();
            try (ProgressDisplay progress = Main.progress(spec, opened.name() + " (" + implementation + ")")) {
                training.listener(progress);
                classifier.train(shown, settings.shifts(), training);
            }
            if (interruption.happened()) {
                return RunOption.tellInterrupted(out, folder, DigitClassifier.RECIPE, training.history());
            }
            RunMetrics metrics = new RunMetrics(
                    opened.name(),
                    implementation,
                    settings.training().seed(),
                    training.history(),
                    opened.copies().since(before));
            classifier.save(folder.model());
            DigitOutput output = new DigitOutput(DigitReport.of(classifier, shown, test));
            output.write(folder, metrics);
            output.print(out);
            out.print(metrics.copiesLine());
            out.println("written to " + folder.path());
            return Main.DONE;
        }
    }
}
