package org.gatefold.recipe;

import com.google.errorprone.annotations.MustBeClosed;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.gatefold.data.Batch;
import org.gatefold.data.Dataset;
import org.gatefold.data.table.Table;
import org.gatefold.device.Copies;
import org.gatefold.device.Device;
import org.gatefold.file.Json;
import org.gatefold.file.JsonFields;
import org.gatefold.model.Network;
import org.gatefold.recipe.field.Baseline;
import org.gatefold.recipe.field.Blend;
import org.gatefold.recipe.field.Field;
import org.gatefold.recipe.field.Fields;
import org.gatefold.recipe.field.Rows;
import org.gatefold.recipe.field.Score;
import org.gatefold.recipe.field.Target;
import org.gatefold.recipe.option.Options;
import org.gatefold.recipe.option.UsageException;
import org.gatefold.train.Schedule;
import org.gatefold.train.Trainer;
import org.gatefold.train.WeightAverage;
import org.gatefold.train.checkpoint.Checkpoint;
import org.gatefold.train.metric.Metric;
import org.gatefold.train.optimizer.AdamW;
import org.gatefold.train.report.History;
import org.gatefold.train.report.TrainingListener;

/**
 * One run of a recipe, in a folder of its own: reads and splits a table, fits fields to the training rows, trains, compares
 * with baselines on the test rows, and saves. Training is AdamW with a learning rate that falls along half a cosine, clipping
 * by norm, an average of the weights where the options say so, and early stopping where rows are held back. Prints nothing.
 *
 * <p>One thread, except for {@link #stop()}. Holds its folder, so that no other run gets in, until it is closed. Owns no
 * device memory: a {@link Training} does.
 */
public final class Experiment implements AutoCloseable {
    private final Recipe recipe;
    private final RecipeDescription description;
    private final RunSettings settings;
    private final Split split;
    private final RunFolder folder;
    private final boolean resumed;
    private volatile Trainer trainer;
    private volatile boolean stopped;

    private Experiment(
            Recipe recipe,
            RecipeDescription description,
            RunSettings settings,
            Split split,
            RunFolder folder,
            boolean resumed) {
        this.recipe = recipe;
        this.description = description;
        this.settings = settings;
        this.split = split;
        this.folder = folder;
        this.resumed = resumed;
    }

    /** A run whose best epoch is found by a part of {@code data}; as {@link #begin(Recipe, Options, Path, Path, Path, Path)} else. */
    @MustBeClosed
    public static Experiment begin(Recipe recipe, Options given, Path data, Path test, Path out) throws IOException {
        return begin(recipe, given, data, null, test, out);
    }

    /**
     * Prepares a new run, and makes its folder once all of that has gone well.
     *
     * @param given the options of the recipe's description with what was given
     * @param data what to train on; null for the sample that travels with the recipe
     * @param valid what to find the best epoch by; null for the share of {@code data} that the options say
     * @param test what to test on; null for the end of {@code data}
     * @param out the folder; null for a new one under {@code runs/}
     * @throws UsageException if the options do not go together, or do not go with the data
     * @throws IllegalArgumentException naming file, line and column of what cannot be read
     * @throws IllegalArgumentException if the folder holds a run, or if one is going on in it
     * @throws IOException if a file cannot be read or the folder not be made
     */
    @MustBeClosed
    public static Experiment begin(Recipe recipe, Options given, Path data, Path valid, Path test, Path out)
            throws IOException {
        if (valid != null && given.isGiven(Options.VALIDATION)) {
            throw new UsageException("expected --valid or " + Options.VALIDATION + ", got both");
        }
        if (given.isGiven(Options.TRAIN_ROWS) && given.isGiven(Options.TRAIN_SHARE)) {
            throw new UsageException("expected " + Options.TRAIN_ROWS + " or " + Options.TRAIN_SHARE + ", got both");
        }
        RecipeDescription description = recipe.describe().complete();
        Path second = description.second(given, data, false);
        Path testSecond = description.second(given, test, true);
        DataFile read = DataFile.read(recipe, description, given, data, second);
        Options chosen = valid == null ? given : given.settled(Options.VALIDATION, 0.0);
        Options completed = recipe.complete(chosen, read.table(), data == null);
        Options options = description.absolute(test == null ? completed : description.tested(completed));
        DataFile source = read.prepared(description, options);
        DataFile tested = test == null
                ? null
                : DataFile.read(recipe, description, options, test, testSecond).prepared(description, options);
        DataFile heldBack = valid == null
                ? null
                : DataFile.read(recipe, description, options, valid, null).prepared(description, options);
        Split split = description.split(source.table(), table(heldBack), table(tested), options);
        options.get(Options.EPOCHS);
        Fields declared = description.fields(options);
        split.requireExamples(declared, options);
        if (heldBack != null && declared.examples(split.heldBack()).size() == 0) {
            throw new IllegalArgumentException(heldBack.table().source()
                    + ": expected rows to find the best epoch by (" + declared.summary() + "), got "
                    + split.heldBack().size());
        }
        for (Split fold : description.folds(split, options)) {
            fold.requireExamples(declared, options);
            declared.target().fit(fold.fitted());
        }
        RunSettings settings =
                new RunSettings(source, heldBack, tested, split.settled(options), declared.fit(split.fitted()));
        // A network that no device could hold is refused before there are a folder and a device.
        requireNetwork(description, settings, split);
        RunFolder folder = RunFolder.create(out, description.name());
        try {
            folder.begin(settings.json(description.name()));
        } catch (IOException | RuntimeException e) {
            folder.release();
            throw e;
        }
        return new Experiment(recipe, description, settings, split, folder, false);
    }

    private static Table table(DataFile file) {
        return file == null ? null : file.table();
    }

    private static void requireNetwork(RecipeDescription description, RunSettings settings, Split split) {
        Options options = settings.options();
        Network one = one(description, options, settings.fields(), split.fitted());
        if (description.members(options) > 1) {
            Ensemble.of(one, options, settings.fields());
        }
    }

    /** The network of a member. */
    private static Network one(RecipeDescription description, Options options, Fields fields, Rows rows) {
        return description.network(
                options, fields, fields.forms(fields.examples(rows).slice(0, 1)));
    }

    /**
     * Prepares to go on with a run.
     *
     * @param folder of a run of this recipe that is not finished
     * @throws IllegalArgumentException naming the file of data that has changed since the run began, or if the run is going
     *     on already
     * @throws org.gatefold.file.FileException naming file and field of what is damaged in the folder
     * @throws IOException if a file cannot be read
     */
    @MustBeClosed
    public static Experiment resume(Recipe recipe, RunFolder folder) throws IOException {
        folder.hold();
        try {
            if (folder.isFinished()) {
                throw new IllegalArgumentException(folder.path() + ": expected a run that is not finished");
            }
            RecipeDescription description = recipe.describe().complete();
            JsonFields saved = folder.settings();
            RunSettings settings = RunSettings.read(recipe, description, saved);
            Split split = split(description, settings, saved);
            requireNetwork(description, settings, split, saved);
            for (Field input : settings.fields().inputs()) {
                input.requireUnchanged();
            }
            return new Experiment(recipe, description, settings, split, folder, true);
        } catch (IOException | RuntimeException e) {
            folder.release();
            throw e;
        }
    }

    private static void requireNetwork(
            RecipeDescription description, RunSettings settings, Split split, JsonFields saved) {
        try {
            requireNetwork(description, settings, split);
        } catch (IllegalArgumentException e) {
            throw saved.wrong(RunSettings.OPTIONS, "there is no network for the data by them: " + e.getMessage(), e);
        }
    }

    private static Split split(RecipeDescription description, RunSettings settings, JsonFields saved) {
        try {
            return description.split(
                    settings.data().table(), table(settings.valid()), table(settings.test()), settings.options());
        } catch (UsageException e) {
            throw saved.wrong(RunSettings.OPTIONS, e.getMessage(), e);
        }
    }

    /** Where the files of the run are. */
    public RunFolder folder() {
        return folder;
    }

    /**
     * What is to be known of the rows before training begins, a line each.
     *
     * @throws IllegalArgumentException naming file and line of what cannot be measured
     */
    public List<String> warnings() {
        Fields fields = settings.fields();
        Rows training = fields.examples(split.training());
        Rows test = fields.examples(split.test());
        List<String> warnings = new ArrayList<>();
        for (Field input : fields.inputs()) {
            warn(warnings, "training rows: ", input.warning(training));
            warn(warnings, "test rows: ", input.warning(test));
        }
        warn(warnings, "", fields.target().warning(test));
        return List.copyOf(warnings);
    }

    private static void warn(List<String> warnings, String rows, String warning) {
        if (!warning.isEmpty()) {
            warnings.add(rows + warning);
        }
    }

    /** Other preparations that may be tried, as options by name. */
    public List<Map<String, String>> preparations() {
        return description.preparations(settings.options(), settings.data().table());
    }

    /** What is trained on what, in one line. */
    public String summary() {
        Fields fields = settings.fields();
        boolean synthetic = settings.data().isSample() && description.isSynthetic();
        String rows = fields.target().name() + " of "
                + split.training().table().source() + (synthetic ? " (synthetic)" : "") + ": "
                + split.training().size() + " rows to train on, " + split.test().size() + " to test";
        return rows + (fields.summary().isEmpty() ? "" : "; " + fields.summary()) + "; " + network() + ", seed "
                + settings.options().seed();
    }

    /** The layers of the network but the last, how many such networks there are, and what they are joined with, in words. */
    public String network() {
        Fields fields = settings.fields();
        return NetworkWords.of(
                one(description, settings.options(), fields, split.fitted()),
                fields,
                description.members(settings.options()));
    }

    /**
     * What fixes the run, by name: files of data with their SHA-256, and all options that have a value.
     *
     * @param device where it is trained
     */
    public Map<String, String> settings(String device) {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("data", settings.data().words());
        if (settings.valid() != null) {
            all.put("valid", settings.valid().words());
        }
        if (settings.test() != null) {
            all.put("test", settings.test().words());
        }
        all.put("device", device);
        all.putAll(settings.options().shown());
        return all;
    }

    /** Asks training to end after the update it is at, with a checkpoint. May be called by any thread. */
    public void stop() {
        stopped = true;
        Trainer running = trainer;
        if (running != null) {
            running.stop();
        }
    }

    /** Lets other runs into the folder. */
    @Override
    public void close() throws IOException {
        folder.release();
    }

    /** Makes the model on a device, on which it is trained. */
    @MustBeClosed
    public Training on(Device device) {
        return on(List.of(device));
    }

    /** Makes the model on the first of several devices, all of which train it: {@link Trainer#devices}. */
    @MustBeClosed
    public Training on(List<Device> devices) {
        return new Training(devices);
    }

    /**
     * What a run led to.
     *
     * @param histories of the members of the model one after the other, as far as they were trained; usually one
     * @param report null if it was stopped
     */
    public record Outcome(List<History> histories, Copies copies, Report report) {
        /** What training of the first member did. */
        public History history() {
            return histories.get(0);
        }

        /** True if it was stopped before all epochs were done; there is no report then. */
        public boolean isInterrupted() {
            return report == null;
        }
    }

    /**
     * What training by a split led to.
     *
     * @param histories of the members, as far as they were trained
     * @param blend how prior and network are joined; null without a prior, or if training was stopped
     * @param interrupted whether it was stopped before all was done
     */
    private record Learnt(List<History> histories, Blend blend, boolean interrupted) {}

    /** The run on one device or several. Owns the model and its members; close it before these. One thread. */
    public final class Training implements AutoCloseable {
        private final List<Device> devices;
        private final Device device;
        private final List<TrainedModel> members = new ArrayList<>();
        private Options options;
        private Dataset shown;
        private TrainedModel trained;

        @SuppressWarnings("MustBeClosedChecker") // the field is closed by close()
        private Training(List<Device> devices) {
            this.devices = devices;
            this.device = devices.get(0);
            show(settings.fields(), split.fitted());
        }

        /** Takes rows to learn from, and makes the first member. */
        private void show(Fields fields, Rows rows) {
            shown = fields.training(fields.examples(rows));
            create(0, fields, rows);
        }

        /** Makes a member with its first weights. */
        @SuppressWarnings("MustBeClosedChecker") // the field is closed by close()
        private void create(int member, Fields fields, Rows rows) {
            options = Ensemble.options(settings.options(), member);
            trained = TrainedModel.create(
                    device, recipe, description, options, fields, one(description, options, fields, rows));
        }

        /** As {@link #show}, in place of what was trained before. */
        private void showAnew(Fields fields, Rows rows) {
            close();
            members.clear();
            show(fields, rows);
        }

        /** The implementations that train its layers, by name. */
        public String implementation() {
            Batch first =
                    description.batches(settings.options(), shown).epoch(0).batch(0);
            return String.join(", ", trained.model().implementations(first.rows(), first.steps()));
        }

        /**
         * Trains and, unless stopped, compares and writes model, metrics and tables.
         *
         * @throws IOException if a file cannot be written
         */
        public Outcome run(TrainingListener listener) throws IOException {
            Copies before = device.copies();
            Learnt learnt = learn(listener, split, settings.fields(), folder.checkpoint(), folder.secondCheckpoint());
            List<History> histories = learnt.histories();
            Copies copies = device.copies().since(before);
            if (learnt.interrupted()) {
                return new Outcome(histories, copies, null);
            }
            trained.save(folder.model());
            Fields fields = trained.fields();
            Rows test = fields.examples(split.test());
            String blended = trained.blended();
            double[][] answers = answers(listener, test, learnt.blend(), bestEpochs(histories));
            if (answers == null) {
                return new Outcome(histories, copies, null);
            }
            Report report = report(fields, split.training(), test, answers, blended);
            List<Report> folds = crossValidate(listener);
            if (folds == null) {
                return new Outcome(histories, copies, null);
            }
            report = report.with(CrossValidation.of(folds));
            write(histories, copies, report);
            return new Outcome(histories, copies, report);
        }

        private Report report(Fields fields, Rows training, Rows test, double[][] answers, String blended) {
            List<Baseline> baselines = description.baselines(settings.options(), fields.target());
            List<Score> alone = members.stream()
                    .map(member -> fields.target().score(test, trained.answersBy(member, test)))
                    .toList();
            return Report.of(fields, training, test, answers, alone, blended, baselines);
        }

        /**
         * Trains all members by a split, joins them and the prior, and trains them again on all of the training part where the recipe does.
         *
         * @param fields fitted to the rows of the split that are learnt from, as the member that is there is
         * @param first where checkpoints are
         * @param again where those are of training again
         */
        private Learnt learn(TrainingListener listener, Split parts, Fields fields, Path first, Path again) {
            List<History> histories = each(
                    fields, parts.fitted(), member -> fit(listener, parts, fields, RunFolder.ofMember(first, member)));
            if (isInterrupted(histories)) {
                return new Learnt(histories, null, true);
            }
            Rows heldBack = fields.examples(parts.heldBack());
            Blend blend = trained.bestBlend(heldBack);
            Target tuned = trained.tune(heldBack);
            double[][] known = heldBack.size() > 0 && trained.fields().target().isCalibrated()
                    ? trained.answers(heldBack, blend)
                    : null;
            if (description.isTrainedAgain() && settings.valid() == null && heldBack.size() > 0) {
                if (fitAnew(listener, parts.training(), again, bestEpochs(histories))) {
                    return new Learnt(histories, blend, true);
                }
                trained.tuneAs(tuned);
            }
            trained.blend(blend, parts.training());
            if (known != null) {
                trained.calibrate(heldBack, known);
            }
            return new Learnt(histories, blend, false);
        }

        /**
         * Trains the members one after the other, of which the first is there, until one is stopped, and takes their mean if there are several.
         *
         * @param fit trains the member that is there, which is told by its number
         */
        @SuppressWarnings("MustBeClosedChecker") // the field is closed by close()
        private List<History> each(Fields fields, Rows rows, IntFunction<History> fit) {
            int count = description.members(settings.options());
            List<History> histories = new ArrayList<>(List.of(fit.apply(0)));
            while (histories.size() < count && !isInterrupted(histories)) {
                members.add(trained);
                create(histories.size(), fields, rows);
                histories.add(fit.apply(histories.size()));
            }
            if (count > 1 && !isInterrupted(histories)) {
                members.add(trained);
                Options whole = settings.options();
                trained = TrainedModel.mean(whole, members, Ensemble.of(trained.network(), whole, fields));
            }
            return histories;
        }

        private static boolean isInterrupted(List<History> histories) {
            return histories.get(histories.size() - 1).end() == History.End.INTERRUPTED;
        }

        /** For how many epochs each member is best trained. */
        private static int[] bestEpochs(List<History> histories) {
            return histories.stream()
                    .mapToInt(history -> history.bestEpoch() + 1)
                    .toArray();
        }

        /** The whole procedure on the other folds, measured on each; null if it was stopped, empty if there are no folds. */
        private List<Report> crossValidate(TrainingListener listener) {
            List<Report> reports = new ArrayList<>();
            for (Split fold : description.folds(split, settings.options())) {
                int number = reports.size() + 1;
                Fields fitted = description.fields(settings.options()).fit(fold.fitted());
                showAnew(fitted, fold.fitted());
                Learnt learnt = learn(
                        listener,
                        fold,
                        fitted,
                        folder.foldCheckpoint(number, false),
                        folder.foldCheckpoint(number, true));
                if (learnt.interrupted()) {
                    return null;
                }
                Fields fields = trained.fields();
                Rows test = fields.examples(fold.test());
                reports.add(report(fields, fold.training(), test, trained.answers(test), trained.blended()));
            }
            return reports;
        }

        /** Trains until the best epoch by the rows held back, if there are some. */
        private History fit(TrainingListener listener, Split parts, Fields fields, Path checkpoint) {
            Trainer created = trainer(listener, checkpoint);
            Rows heldBack = fields.examples(parts.heldBack());
            if (heldBack.size() > 0) {
                Metric[] metrics = fields.target().metrics().toArray(Metric[]::new);
                created.validate(description.validation(options, fields.dataset(heldBack)), metrics)
                        .earlyStopping(options.patience());
                fields.target()
                        .monitored()
                        .ifPresent(monitored -> created.monitor(monitored.metric(), monitored.higherIsBetter()));
            }
            return fit(created, options.epochs());
        }

        /**
         * Trains other members on rows, as the first ones were trained until their best epochs, and takes them in place of those.
         *
         * @param epochs of each member
         * @return true if that was stopped before
         */
        private boolean fitAnew(TrainingListener listener, Rows rows, Path checkpoint, int... epochs) {
            Fields fitted = description.fields(settings.options()).fit(rows);
            showAnew(fitted, rows);
            return isInterrupted(each(
                    fitted,
                    rows,
                    member -> fit(trainer(listener, RunFolder.ofMember(checkpoint, member)), epochs[member])));
        }

        /**
         * Answers the test part: by the model, and from row to row by others that are trained on all rows before, where the recipe walks
         * forward. What came of the last of these is left as the model.
         *
         * @param epochs for which each member is trained
         * @return null if that was stopped
         */
        private double[][] answers(TrainingListener listener, Rows test, Blend blend, int... epochs) {
            int walk = description.walk(settings.options());
            if (walk == 0 || walk >= test.size()) {
                return trained.answers(test);
            }
            List<double[]> answers = new ArrayList<>(List.of(trained.answers(test.slice(0, walk))));
            for (int from = walk; from < test.size(); from += walk) {
                Rows known = Rows.range(test.table(), 0, test.index(from));
                if (fitAnew(listener, known, folder.walkCheckpoint(from / walk), epochs)) {
                    return null;
                }
                trained.blend(blend, known);
                answers.addAll(List.of(trained.answers(test.slice(from, Math.min(from + walk, test.size())))));
            }
            return answers.toArray(double[][]::new);
        }

        private History fit(Trainer created, int epochs) {
            trainer = created;
            if (stopped) {
                created.stop();
            }
            return created.fit(description.batches(options, shown), epochs);
        }

        private Trainer trainer(TrainingListener listener, Path checkpoint) {
            double decay = options.get(Options.AVERAGE);
            Trainer created = Trainer.of(trained.model())
                    .devices(devices)
                    .loss(settings.fields().target().loss())
                    .optimizer(AdamW.of(options.learningRate()).weightDecay(options.weightDecay()))
                    .schedule(Schedule.cosine(options.epochs(), 0))
                    .clipNorm(options.clip())
                    .seed(options.seed())
                    .listener(listener)
                    .data(split.training().table().source(), settings.data().hash())
                    .checkpoints(checkpoint)
                    .resume(resumed && Checkpoint.exists(checkpoint));
            return decay > 0 ? created.average(WeightAverage.exponential(decay).withWarmUp()) : created;
        }

        private void write(List<History> histories, Copies copies, Report report) throws IOException {
            HistoryTable.write(folder, histories);
            Target target = report.fields().target();
            if (target.kept().isPresent()) {
                folder.writeTable(
                        target.kept().get() + ".csv", target.header(), target.lines(report.test(), report.answers()));
            }
            RunMetrics metrics = new RunMetrics(
                    String.join(",", devices.stream().map(Device::name).toList()),
                    implementation(),
                    settings.options().seed(),
                    histories,
                    copies);
            folder.finish(Json.pretty(metrics.addTo(report.json())) + "\n");
        }

        @Override
        public void close() {
            trained.close();
            members.forEach(TrainedModel::close);
        }
    }
}
