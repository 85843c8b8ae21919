package org.gatefold.recipe;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.gatefold.data.Augmentation;
import org.gatefold.data.Batches;
import org.gatefold.data.Dataset;
import org.gatefold.data.table.CsvFormat;
import org.gatefold.data.table.CsvTable;
import org.gatefold.data.table.Table;
import org.gatefold.file.NamedBytes;
import org.gatefold.layer.Layer;
import org.gatefold.layer.ParameterStore;
import org.gatefold.model.Network;
import org.gatefold.recipe.field.Baseline;
import org.gatefold.recipe.field.Field;
import org.gatefold.recipe.field.Fields;
import org.gatefold.recipe.field.Prior;
import org.gatefold.recipe.field.Target;
import org.gatefold.recipe.option.CsvOptions;
import org.gatefold.recipe.option.Option;
import org.gatefold.recipe.option.Options;
import org.gatefold.recipe.option.UsageException;
import org.gatefold.tensor.Form;

/**
 * What a recipe is made of. Every part returns this description, so that they are said one after the other; name, sample,
 * input, target, network and, unless {@link Recipe#complete} chooses it, the number of epochs must be said. One thread; not changed any more once {@link Recipe#describe} has returned it.
 */
public final class RecipeDescription {
    /** Rows of a batch where nothing is learnt. */
    private static final int VALIDATION_BATCH = 256;

    private final String name;
    private final List<Option<?>> own = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private String summary = "";
    private String sample;
    private boolean synthetic;
    private Function<Options, Format> format;
    private BiFunction<Options, Table, Table> arrangement = (options, table) -> table;
    private SecondFiles secondFiles;
    private Predicate<String> named = file -> false;
    private Function<Options, Format> namedFormat;
    private boolean headless;
    private Function<Options, Folder> folders = options -> null;
    private Function<Options, Texts> texts = options -> null;
    private Function<Options, Contents> contents = options -> null;
    private boolean anyOrder;
    private Function<Options, Predicate<String>> tested = options -> null;
    private boolean several;
    private boolean again;
    private Option<Integer> walk;
    private Option<Integer> budget;
    private BiFunction<Options, Table, List<Map<String, String>>> preparations = (options, table) -> List.of();
    private Function<Options, ? extends List<? extends Field>> inputs;
    private Function<Options, ? extends Target> target;
    private Function<Options, ? extends Prior> prior = options -> null;
    private Architecture network;
    private BiConsumer<Fields, ParameterStore> firstWeights = (fields, parameters) -> {};
    private BiFunction<Options, Dataset, Batches> batches;
    private Function<Options, Augmentation> augmentation = options -> null;
    private Function<Options, List<Baseline>> baselines = options -> null;
    private BiFunction<Options, Table, Table> preparation = (options, table) -> table;
    private UnaryOperator<Options> defaults = UnaryOperator.identity();

    /** Reads a table. */
    @FunctionalInterface
    public interface Format {
        /**
         * Reads a stream, which the caller closes.
         *
         * @param source the name for messages
         */
        Table read(String source, InputStream stream) throws IOException;
    }

    /**
     * Reads the files of a folder, or of a list of them, as one table. Immutable.
     *
     * @param table the table; every complaint names the file
     * @param files the files that it is made of, in an order of their own
     * @param reads whether this reads what is at a path
     */
    public record Folder(Of<Table> table, Of<List<Path>> files, Predicate<Path> reads) {
        /** Reads folders alone. */
        public Folder(Of<Table> table, Of<List<Path>> files) {
            this(table, files, Files::isDirectory);
        }

        /** Makes something of a folder or list. */
        @FunctionalInterface
        public interface Of<T> {
            T of(Path path) throws IOException;
        }
    }

    /** Makes a table of what files hold, a row each. */
    @FunctionalInterface
    public interface Contents {
        /**
         * The table.
         *
         * @param files at least one
         * @throws IllegalArgumentException naming what cannot be read
         */
        Table of(List<NamedBytes> files) throws IOException;
    }

    /**
     * Makes a table of texts, a row each.
     *
     * @param column of the table
     * @param way what is made of each text
     */
    record Texts(String column, UnaryOperator<String> way) {}

    /** Makes a whole network, whatever its layers read. */
    @FunctionalInterface
    public interface Architecture {
        /**
         * The network; its first output is what is answered.
         *
         * @param fields as they were fitted
         * @param inputs what it takes, by name
         */
        Network of(Options options, Fields fields, Map<String, Form> inputs);
    }

    RecipeDescription(String name) {
        if (!name.matches("[a-z][a-z0-9-]*")) {
            throw new IllegalArgumentException("name: expected small letters, digits and dashes, got '" + name + "'");
        }
        this.name = name;
    }

    /** What it does, in one sentence. */
    public RecipeDescription says(String sentence) {
        summary = sentence;
        return this;
    }

    /**
     * The table that is taken where none is given.
     *
     * @param resource as {@link Class#getResource} takes it from the recipe's class
     */
    public RecipeDescription data(String resource) {
        sample = resource;
        return this;
    }

    /** Says that the sample was made by a generator, which the summary of a run tells then. */
    public RecipeDescription synthetic() {
        synthetic = true;
        return this;
    }

    /** How files are read; by default as CSV whose first line names the columns. */
    public RecipeDescription format(Format reader) {
        return format(options -> reader);
    }

    /** How files are read, by the options. */
    public RecipeDescription format(Function<Options, Format> reader) {
        format = reader;
        return this;
    }

    /**
     * Says that a table may be in two files, row by row, such as sentences and their translations; without a second file it is
     * read as {@link #format} says.
     *
     * @param data the option, added here, that names what goes with {@code --data}
     * @param test the option, added here, that names what goes with {@code --test}
     * @param each how either file is read, by the options
     * @param join makes one table of two
     */
    public RecipeDescription secondFiles(
            Option<String> data, Option<String> test, Function<Options, Format> each, BinaryOperator<Table> join) {
        secondFiles = new SecondFiles(data, test, each, join);
        return options(data, test);
    }

    /** How files are read whose names are of a kind, such as those with an ending of their own; in any other way than {@link #format} says. */
    public RecipeDescription format(Predicate<String> names, Function<Options, Format> reader) {
        named = names;
        namedFormat = reader;
        return this;
    }

    /** What is made of every table that was read before anything else looks at it, by the options; also where it is checked. */
    public RecipeDescription arranged(BiFunction<Options, Table, Table> way) {
        arrangement = way;
        return this;
    }

    /** How folders are read, by the options; by default they are refused. */
    public RecipeDescription folders(Function<Options, Folder> reader) {
        folders = reader;
        return this;
    }

    /** The column that texts of memory are, one row each, by the options; by default they are refused. */
    public RecipeDescription texts(Function<Options, String> column) {
        return texts(column, UnaryOperator.identity());
    }

    /** The column that texts of memory are, and what is made of each of them, as files of the kind have it. */
    public RecipeDescription texts(Function<Options, String> column, UnaryOperator<String> way) {
        texts = options -> new Texts(column.apply(options), way);
        return this;
    }

    /** How what files hold, one row each, is read of memory, by the options; by default it is refused. */
    public RecipeDescription contents(Function<Options, Contents> reader) {
        contents = reader;
        return this;
    }

    /** Files are CSV without a line that names the columns, which are called {@code "1"}, {@code "2"} and so on. */
    public RecipeDescription withoutHeader() {
        headless = true;
        return this;
    }

    /** Which share of the rows, their end, is the test part where nothing else is said; a fifth by default. */
    public RecipeDescription testOnLast(double share) {
        UnaryOperator<Options> before = defaults;
        defaults = options -> before.apply(options).with(Options.TRAIN_SHARE, 1 - share);
        return this;
    }

    /**
     * Says that the order of the rows tells nothing, so that they are shuffled, always in the same way, before parts are
     * held back or tested on; for files that are sorted by class. Adds the option {@code --folds}: cross-validation.
     */
    public RecipeDescription inAnyOrder() {
        anyOrder = true;
        return options(Options.FOLDS);
    }

    /**
     * Says that several networks can answer together, by the mean of their outputs or as {@link Target#hearsMembersApart} says: adds the
     * option {@code --members}. Networks are graphs, and {@link Target#head} begins with a linear layer; or they are encoders and decoders
     * ({@link org.gatefold.seq2seq.EncoderDecoder}).
     */
    public RecipeDescription withMembers() {
        several = true;
        return options(Options.MEMBERS);
    }

    /** Which rows are tested on, by their names, where there is no other file for that; null for the last ones. */
    public RecipeDescription testWhere(Function<Options, Predicate<String>> names) {
        tested = names;
        return this;
    }

    /**
     * Says that once the best epoch was found by rows held back, the network is trained anew for so many epochs on all rows of
     * the training part.
     */
    public RecipeDescription trainedAgainOnAll() {
        again = true;
        return this;
    }

    /**
     * Adds an option: how many rows of the test part are answered before the network is trained anew on all rows before the next ones, so
     * often as rows are left; 0 for all of them by the one network, and where another file is tested on. The first network is kept: what
     * is learnt of rows tested on serves the test alone.
     */
    public RecipeDescription walkForward(Option<Integer> rows) {
        walk = rows;
        return options(rows);
    }

    /**
     * What is made of every table once all options are known, before rows are split or answered, such as filling gaps; nothing by
     * default.
     */
    public RecipeDescription prepared(BiFunction<Options, Table, Table> way) {
        preparation = way;
        return this;
    }

    /**
     * Adds an option: for how many seconds other preparations of the data are tried before the run begins, each within the training part;
     * 0 for not.
     *
     * @param ways options by name, as texts, to be tried each instead of what is chosen, by the options and the data
     */
    public RecipeDescription searched(
            Option<Integer> seconds, BiFunction<Options, Table, List<Map<String, String>>> ways) {
        budget = seconds;
        preparations = ways;
        return options(seconds);
    }

    /** For how many seconds other preparations are tried before a run. */
    public int budget(Options given) {
        return budget == null ? 0 : given.get(budget);
    }

    /** Preparations that may be tried: those of options that were not given. */
    List<Map<String, String>> preparations(Options options, Table table) {
        return preparations.apply(options, table).stream()
                .filter(way -> way.keySet().stream().noneMatch(options::isGiven))
                .toList();
    }

    /** What the network reads. */
    public RecipeDescription input(Field field) {
        return input(options -> field);
    }

    /** What the network reads, by the options. */
    public RecipeDescription input(Function<Options, ? extends Field> field) {
        return inputs(options -> List.of(field.apply(options)));
    }

    /**
     * What a network of several inputs reads, by the options. Each input is called by the name of its field, and may have steps
     * of its own.
     */
    public RecipeDescription inputs(Function<Options, ? extends List<? extends Field>> fields) {
        inputs = fields;
        return this;
    }

    /** What is to be answered. */
    public RecipeDescription target(Target field) {
        return target(options -> field);
    }

    /** What is to be answered, by the options. */
    public RecipeDescription target(Function<Options, ? extends Target> field) {
        target = field;
        return this;
    }

    /** A simple method whose answers are joined with those of the network, by the options; null for none. */
    public RecipeDescription prior(Function<Options, ? extends Prior> method) {
        prior = method;
        return this;
    }

    /** The layers of the network but the last, which the target knows. */
    public RecipeDescription network(Function<Options, ? extends List<? extends Layer>> layers) {
        return network((options, fields) -> layers.apply(options));
    }

    /** The layers of the network but the last, by the options and by the fields as they were fitted. */
    public RecipeDescription network(BiFunction<Options, Fields, ? extends List<? extends Layer>> layers) {
        return network((options, fields, read) -> {
            if (read.size() != 1) {
                throw new IllegalStateException("recipe '" + name
                        + "': expected one input for layers that stand one after the other, got " + read.keySet());
            }
            Network.Builder builder =
                    Network.sequential(read.values().iterator().next());
            layers.apply(options, fields).forEach(builder::add);
            fields.target().head().forEach(builder::add);
            return builder.build();
        });
    }

    /** The whole network, for several inputs: the last layers are {@link Target#head}. */
    public RecipeDescription network(Architecture whole) {
        network = whole;
        return this;
    }

    /** What is done to the first weights that the seed gave, such as writing vectors that were learnt elsewhere. */
    public RecipeDescription firstWeights(BiConsumer<Fields, ParameterStore> writer) {
        firstWeights = writer;
        return this;
    }

    /**
     * How rows are cut into batches, those to learn from and those held back alike; by default in batches of {@code --batch},
     * shuffled.
     */
    public RecipeDescription batches(BiFunction<Options, Dataset, Batches> way) {
        batches = way;
        return this;
    }

    /** How what is read is shown otherwise each time that it is learnt from, by the options; null for as it is. */
    public RecipeDescription augmented(Function<Options, Augmentation> way) {
        augmentation = way;
        return this;
    }

    /** What it is compared with; by default what is usual for the target. */
    public RecipeDescription baselines(Baseline... methods) {
        return baselines(options -> Arrays.asList(methods));
    }

    /** What it is compared with, by the options. */
    public RecipeDescription baselines(Function<Options, List<Baseline>> methods) {
        baselines = methods;
        return this;
    }

    /** Options that this recipe has beside those that all have. */
    public RecipeDescription options(Option<?>... options) {
        own.addAll(Arrays.asList(options));
        return this;
    }

    /** Other defaults than those of all recipes. */
    public RecipeDescription defaults(UnaryOperator<Options> change) {
        UnaryOperator<Options> before = defaults;
        defaults = options -> change.apply(before.apply(options));
        return this;
    }

    /** A paragraph below the help text. */
    public RecipeDescription note(String text) {
        notes.add(text);
        return this;
    }

    /** What it is called on the command line, in files and in messages. */
    public String name() {
        return name;
    }

    public String summary() {
        return summary;
    }

    public List<String> notes() {
        return List.copyOf(notes);
    }

    /** All options with their defaults, nothing given. */
    public Options options() {
        List<Option<?>> all = new ArrayList<>(own);
        if (format == null) {
            all.addAll(CsvOptions.ALL);
        }
        return defaults.apply(Options.of(all));
    }

    /** The file name of the sample. */
    String sampleName() {
        return sample.substring(sample.lastIndexOf('/') + 1);
    }

    String sample() {
        return sample;
    }

    boolean isSynthetic() {
        return synthetic;
    }

    Format format(Options options) {
        Format usual = usualFormat(options);
        return (source, stream) -> {
            Format chosen = named.test(source) ? namedFormat.apply(options) : usual;
            return arrangement.apply(options, chosen.read(source, stream));
        };
    }

    private Format usualFormat(Options options) {
        if (format != null) {
            return format.apply(options);
        }
        CsvFormat csv = CsvOptions.format(options);
        return (source, stream) -> CsvTable.read(source, stream, headless ? csv.header(false) : csv);
    }

    /** Null if a table is always in one file. */
    SecondFiles secondFiles() {
        return secondFiles;
    }

    /** What goes with a file, {@code --test} or {@code --data}; null for nothing. */
    Path second(Options options, Path first, boolean tested) {
        return secondFiles == null ? null : secondFiles.beside(options, first, tested);
    }

    /** The options of a run, which may be gone on with from another folder. */
    Options absolute(Options options) {
        return secondFiles == null ? options : secondFiles.absolute(options);
    }

    /** Null if folders are refused. */
    Folder folders(Options options) {
        return folders.apply(options);
    }

    /** Null if texts of memory are refused. */
    Texts texts(Options options) {
        return texts.apply(options);
    }

    /** Null if what files hold is refused. */
    Contents contents(Options options) {
        return contents.apply(options);
    }

    boolean isTrainedAgain() {
        return again;
    }

    /** Networks whose mean answers. */
    int members(Options options) {
        return several ? options.get(Options.MEMBERS) : 1;
    }

    /** Parts of the rows for cross-validation, as the options say. */
    List<Split> folds(Split split, Options options) {
        return split.folds(options, anyOrder ? options.get(Options.FOLDS) : 0);
    }

    /** Rows of the test part after which a network is trained anew; 0 for never. */
    int walk(Options options) {
        return walk == null ? 0 : options.get(walk);
    }

    /** Options for a test part in a file of its own, before whose rows there is nothing to learn from. */
    Options tested(Options options) {
        if (walk == null) {
            return options;
        }
        if (options.isGiven(walk) && options.get(walk) > 0) {
            throw new UsageException("expected " + walk + " or --test, got both");
        }
        return options.settled(walk, 0);
    }

    /** How rows are split; a table that is null is not there. */
    Split split(Table data, Table valid, Table test, Options options) {
        return Split.of(data, valid, test, options, anyOrder, tested.apply(options));
    }

    /** A table as it is split or answered. */
    Table prepared(Table table, Options options) {
        return preparation.apply(options, table);
    }

    /** What is read and answered, not yet fitted. */
    Fields fields(Options options) {
        return new Fields(List.copyOf(inputs.apply(options)), target.apply(options), prior.apply(options));
    }

    /**
     * The whole network, on no device yet.
     *
     * @param fields what it reads and answers, fitted
     * @param read the forms of what it reads, by name
     * @throws UsageException naming the options that make it larger than a model can be
     */
    Network network(Options options, Fields fields, Map<String, Form> read) {
        Set<Option<?>> sizes = new LinkedHashSet<>();
        try {
            Network built = network.of(options.watched(sizes::add), fields, read);
            ParameterStore.requireRoom(built.parameters().values());
            return built;
        } catch (IllegalArgumentException e) {
            String chosen = sizes.stream()
                    .filter(option -> option.type() == Integer.class)
                    .map(options::shown)
                    .collect(Collectors.joining(" "));
            throw new UsageException(chosen + ": " + e.getMessage(), e);
        }
    }

    /** Writes the weights that a network begins with. */
    void begin(Options options, Fields fields, ParameterStore parameters) {
        parameters.initialize(options.seed());
        firstWeights.accept(fields, parameters);
    }

    /** Rows to learn from. */
    Batches batches(Options options, Dataset shown) {
        Batches cut = batches == null
                ? Batches.of(shown, options.batch()).shuffled(options.seed())
                : batches.apply(options, shown);
        Augmentation way = augmentation.apply(options);
        return way == null ? cut : cut.augmented(shown.inputs().get(0).name(), way, options.seed());
    }

    /** Rows of which nothing is learnt. */
    Batches validation(Options options, Dataset heldBack) {
        return batches == null ? Batches.of(heldBack, VALIDATION_BATCH) : batches.apply(options, heldBack);
    }

    List<Baseline> baselines(Options options, Target answered) {
        List<Baseline> chosen = baselines.apply(options);
        return chosen == null ? answered.baselines() : chosen;
    }

    /** @throws IllegalStateException naming what the description leaves out */
    RecipeDescription complete() {
        require("data", sample);
        require("input", inputs);
        require("target", target);
        require("network", network);
        if (several && walk != null) {
            throw new IllegalStateException(
                    "recipe '" + name + "': expected " + Options.MEMBERS + " or " + walk + ", got both");
        }
        return this;
    }

    private void require(String part, Object value) {
        if (value == null) {
            throw new IllegalStateException("recipe '" + name + "': its description has no " + part);
        }
    }
}
