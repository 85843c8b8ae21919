package org.gatefold.recipe.option;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.gatefold.file.JsonFields;
import org.gatefold.layer.recurrent.RecurrentLayer;
import org.gatefold.op.Precision;

/**
 * The choices of a run: those that every recipe has, on network, training and split, and a recipe's own. What was given stays
 * apart from what is a default, so that a recipe can choose defaults by the data. Immutable and thread-safe: {@link #with}
 * and its short forms change the default of an option in a copy, and leave alone what was given.
 */
public final class Options {
    public static final Option<Integer> HIDDEN =
            integer("hidden", "N", "Units of a layer and direction.").or(64);
    public static final Option<Integer> LAYERS = Option.integer("layers", "N", "Stacked recurrent layers.")
            .expecting("1 to 1000", layers -> layers >= 1 && layers <= 1000)
            .or(1);
    public static final Option<Double> DROPOUT = Option.real(
                    "dropout", "P", "Probability of dropping a value between layers.")
            .share()
            .or(0.0);
    public static final Option<Precision> PRECISION = Option.choice(
                    "precision",
                    "KIND",
                    Precision.class,
                    "How products are computed: f32, tf32, bf16 or f16; f16 scales the loss by itself.")
            .or(Precision.F32);
    public static final Option<Integer> EPOCHS = integer("epochs", "N", "Passes over the training rows.");
    public static final Option<Integer> BATCH =
            integer("batch", "N", "Rows of an update.").or(32);
    public static final Option<Double> LEARNING_RATE = positive(
                    "lr", "RATE", "Learning rate at the beginning; it falls to 0 along half a cosine.")
            .or(2e-3);
    public static final Option<Double> WEIGHT_DECAY = Option.real("weight-decay", "RATE", "Weight decay of AdamW.")
            .expecting("a number of at least 0", value -> value >= 0 && value <= Float.MAX_VALUE)
            .or(0.01);
    public static final Option<Double> CLIP = positive(
                    "clip", "NORM", "The most that the norm of the gradients may be.")
            .or(1.0);
    public static final Option<Double> AVERAGE = Option.real(
                    "average",
                    "DECAY",
                    "Decay of an exponential average of the weights over updates, which is validated and kept; 0 for none.")
            .share()
            .orAlways(0.0);
    public static final Option<Double> VALIDATION = Option.real(
                    "validation",
                    "SHARE",
                    "Share of the training part, its end, held back to find the best epoch; 0 for none.")
            .expecting("a share of 0 to below 1", share -> share >= 0 && share < 1)
            .or(0.0);
    public static final Option<Integer> PATIENCE = integer(
                    "patience", "N", "With --validation: epochs without improvement after which training stops.")
            .or(10);
    public static final Option<Long> SEED = Option.whole(
                    "seed", "N", "Seed of first weights, order of rows and dropout.")
            .or(1L);
    public static final Option<Double> TRAIN_SHARE = Option.real(
                    "train-share", "SHARE", "Share of the rows, their beginning, to train on.")
            .or(0.8);
    public static final Option<Integer> TRAIN_ROWS =
            Option.integer("train-rows", "N", "Rows to train on, the first ones; all later ones are the test part.");

    /** In recipes whose rows are in any order. */
    public static final Option<Integer> FOLDS = Option.integer(
                    "folds",
                    "N",
                    "Parts of the rows for cross-validation: each is tested on after training on the others; 0 for none.")
            .expecting("0 or at least 2", folds -> folds == 0 || folds >= 2)
            .orAlways(0);

    /** In recipes whose networks can be several. */
    public static final Option<Integer> MEMBERS = Option.integer(
                    "members",
                    "N",
                    "Networks that are trained one after the other, from seeds of their own, and answer together.")
            .expecting("1 to 100", members -> members >= 1 && members <= 100)
            .orAlways(1);

    /** Those that every recipe has, in the order of help texts. */
    static final List<Option<?>> STANDARD = List.of(
            TRAIN_SHARE,
            TRAIN_ROWS,
            HIDDEN,
            LAYERS,
            DROPOUT,
            PRECISION,
            EPOCHS,
            BATCH,
            LEARNING_RATE,
            WEIGHT_DECAY,
            CLIP,
            AVERAGE,
            VALIDATION,
            PATIENCE,
            SEED);

    private final Map<String, Option<?>> options;
    private final Map<String, Object> values;
    private final Set<String> given;
    private final JsonFields saved;
    private final Consumer<Option<?>> asked;

    private Options(Map<String, Option<?>> options, Map<String, Object> values, Set<String> given, JsonFields saved) {
        this(options, values, given, saved, option -> {});
    }

    /**
     * @param saved where the values were read from, which messages name; null if nowhere
     * @param asked is told every option whose value is asked for
     */
    private Options(
            Map<String, Option<?>> options,
            Map<String, Object> values,
            Set<String> given,
            JsonFields saved,
            Consumer<Option<?>> asked) {
        this.options = options;
        this.values = values;
        this.given = given;
        this.saved = saved;
        this.asked = asked;
    }

    private static Option<Integer> integer(String name, String label, String description) {
        return Option.integer(name, label, description).atLeast(1);
    }

    private static Option<Double> positive(String name, String label, String description) {
        return Option.real(name, label, description)
                .expecting("a number above 0", value -> value >= Float.MIN_VALUE && value <= Float.MAX_VALUE);
    }

    /** The standard options and a recipe's own, nothing given. */
    public static Options of(Collection<Option<?>> own) {
        Map<String, Option<?>> options = new LinkedHashMap<>();
        own.forEach(option -> options.put(option.name(), option));
        for (Option<?> option : STANDARD) {
            if (options.putIfAbsent(option.name(), option) != null) {
                throw new IllegalArgumentException("option: '" + option + "' is one that every recipe has");
            }
        }
        Map<String, Object> values = new LinkedHashMap<>();
        options.values().forEach(option -> values.put(option.name(), option.fallback()));
        return new Options(options, values, Set.of(), null);
    }

    /** All options, a recipe's own first. */
    public List<Option<?>> all() {
        return List.copyOf(options.values());
    }

    /**
     * These options with values that were given.
     *
     * @param chosen by name, each of its option's type
     * @throws IllegalArgumentException if there is no such option, or if a value is of another type
     * @throws UsageException if a value is not allowed
     */
    public Options given(Map<String, ?> chosen) {
        Options changed = this;
        for (Map.Entry<String, ?> choice : chosen.entrySet()) {
            changed = changed.given(changed.option(choice.getKey()), choice.getValue());
        }
        return changed;
    }

    private <V> Options given(Option<V> option, Object value) {
        return settled(option, option.require(value));
    }

    /**
     * These options with values that were given on the command line.
     *
     * @param chosen by name, as texts
     * @throws IllegalArgumentException if there is no such option
     * @throws UsageException if a text is not what an option expects
     */
    public Options parsed(Map<String, String> chosen) {
        Options changed = this;
        for (Map.Entry<String, String> choice : chosen.entrySet()) {
            changed = changed.parsed(changed.option(choice.getKey()), choice.getValue());
        }
        return changed;
    }

    private <V> Options parsed(Option<V> option, String text) {
        return settled(option, option.parse(text));
    }

    private <V> Options changed(Option<V> option, V value, Set<String> newlyGiven) {
        Map<String, Object> changed = new LinkedHashMap<>(values);
        changed.put(option.name(), value);
        return new Options(options, changed, newlyGiven, saved);
    }

    private Option<?> option(String name) {
        Option<?> option = options.get(name);
        if (option == null) {
            throw new IllegalArgumentException("option: expected one of " + options.keySet() + ", got '" + name + "'");
        }
        return option;
    }

    /** True if the option was given, rather than left to its default. */
    public boolean isGiven(Option<?> option) {
        return given.contains(option(option.name()).name());
    }

    public boolean isGiven(String name) {
        return given.contains(name);
    }

    /** A copy with another value where none was given. */
    public <V> Options with(Option<V> option, V value) {
        return isGiven(option) ? this : changed(option, value, given);
    }

    /** A copy with another value, whether or not one was given. */
    public <V> Options settled(Option<V> option, V value) {
        Set<String> more = new HashSet<>(given);
        more.add(option.name());
        return changed(option, value, more);
    }

    /** A copy that tells which options are asked for. */
    public Options watched(Consumer<Option<?>> watcher) {
        return new Options(options, values, given, saved, watcher);
    }

    /** The value, given or by default; empty if there is neither. */
    public <V> Optional<V> find(Option<V> option) {
        asked.accept(option);
        return Optional.ofNullable(
                option.type().cast(values.get(option(option.name()).name())));
    }

    /**
     * The value, given or by default.
     *
     * @throws UsageException if there is neither
     * @throws org.gatefold.file.FileException naming file and field if there is neither, and the others were read from a file
     */
    public <V> V get(Option<V> option) {
        return find(option)
                .orElseThrow(() -> saved == null
                        ? new UsageException(option + ": expected a value, got none")
                        : saved.wrong(option.name(), "is missing", null));
    }

    /**
     * The value as a path.
     *
     * @throws UsageException if there is none, or it is no path
     */
    public Path path(Option<String> option) {
        try {
            return Path.of(get(option));
        } catch (InvalidPathException e) {
            throw new UsageException(option + ": expected the path of a file, got '" + get(option) + "'", e);
        }
    }

    /** A copy whose path, if there is one, is the same from any folder, as a run may be gone on with from another. */
    public Options absolute(Option<String> path) {
        return find(path).isEmpty()
                ? this
                : settled(path, path(path).toAbsolutePath().toString());
    }

    /** Values by name, as JSON; options without a value are left out. */
    public JsonObject json() {
        JsonObject json = new JsonObject();
        options.values().stream()
                .filter(option -> values.get(option.name()) != null)
                .forEach(option -> json.add(option.name(), json(option)));
        return json;
    }

    private <V> JsonElement json(Option<V> option) {
        return option.json(option.type().cast(values.get(option.name())));
    }

    /** These options with the values that were saved by {@link #json}, all of them as if given. */
    public Options read(JsonFields fields) {
        Map<String, Object> changed = new LinkedHashMap<>();
        options.values().forEach(option -> changed.put(option.name(), option.read(fields)));
        return new Options(options, changed, Collections.unmodifiableSet(options.keySet()), fields);
    }

    /** Values by name, as they are given on the command line, for those that have one. */
    public Map<String, String> shown() {
        Map<String, String> shown = new LinkedHashMap<>();
        options.values().stream()
                .filter(option -> values.get(option.name()) != null)
                .forEach(option -> shown.put(option.toString(), Option.shown(values.get(option.name()))));
        return shown;
    }

    /** Name and value of an option as they are given on the command line. */
    public String shown(Option<?> option) {
        return option + " " + Option.shown(values.get(option.name()));
    }

    public int hidden() {
        return get(HIDDEN);
    }

    public Options hidden(int units) {
        return with(HIDDEN, units);
    }

    public int layers() {
        return get(LAYERS);
    }

    public Options layers(int count) {
        return with(LAYERS, count);
    }

    public float dropout() {
        return get(DROPOUT).floatValue();
    }

    public Options dropout(double p) {
        return with(DROPOUT, p);
    }

    public Precision precision() {
        return get(PRECISION);
    }

    public int epochs() {
        return get(EPOCHS);
    }

    public Options epochs(int count) {
        return with(EPOCHS, count);
    }

    /**
     * As many epochs as make about so many updates.
     *
     * @param updates in all
     * @param ofAnEpoch how many of them an epoch makes
     * @param fewest epochs
     * @param most epochs
     */
    public Options epochsOf(int updates, long ofAnEpoch, int fewest, int most) {
        return epochs((int) Math.max(fewest, Math.min(most, updates / Math.max(1, ofAnEpoch))));
    }

    public int batch() {
        return get(BATCH);
    }

    public Options batch(int rows) {
        return with(BATCH, rows);
    }

    public float learningRate() {
        return get(LEARNING_RATE).floatValue();
    }

    public Options learningRate(double rate) {
        return with(LEARNING_RATE, rate);
    }

    public float weightDecay() {
        return get(WEIGHT_DECAY).floatValue();
    }

    public Options weightDecay(double rate) {
        return with(WEIGHT_DECAY, rate);
    }

    public float clip() {
        return get(CLIP).floatValue();
    }

    public Options average(double decay) {
        return with(AVERAGE, decay);
    }

    public double validation() {
        return get(VALIDATION);
    }

    public Options validation(double share) {
        return with(VALIDATION, share);
    }

    public int patience() {
        return get(PATIENCE);
    }

    public Options patience(int epochs) {
        return with(PATIENCE, epochs);
    }

    /** How many of so many rows are trained on, as far as these options say. */
    public int trainingRows(int all) {
        return find(TRAIN_ROWS).orElseGet(() -> (int) Math.round(all * get(TRAIN_SHARE)));
    }

    public long seed() {
        return get(SEED);
    }

    /** A recurrent layer with the layers, the dropout and the precision that these options say. */
    public <L extends RecurrentLayer<L>> L stacked(L layer) {
        return layer.layers(layers()).precision(precision()).dropout(layers() > 1 ? dropout() : 0);
    }
}
