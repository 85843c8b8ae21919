package org.gatefold.recipe;

import com.google.errorprone.annotations.MustBeClosed;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.gatefold.data.table.Table;
import org.gatefold.device.Device;
import org.gatefold.exchange.ModelFile;
import org.gatefold.file.FileException;
import org.gatefold.file.Json;
import org.gatefold.file.JsonFields;
import org.gatefold.model.Model;
import org.gatefold.model.Network;
import org.gatefold.recipe.field.Answer;
import org.gatefold.recipe.field.Blend;
import org.gatefold.recipe.field.Fields;
import org.gatefold.recipe.field.OutputTarget;
import org.gatefold.recipe.field.Rows;
import org.gatefold.recipe.field.Target;
import org.gatefold.recipe.field.media.CtcTranscript;
import org.gatefold.recipe.field.media.Sound;
import org.gatefold.recipe.field.media.Transcript;
import org.gatefold.recipe.field.picture.Picture;
import org.gatefold.recipe.field.text.NextToken;
import org.gatefold.recipe.option.Options;

/**
 * A model of a recipe with the fields that it reads and answers: all that is needed to answer the rows of a table.
 *
 * <p>Owns its model; close it before its device. One thread at a time.
 */
public final class TrainedModel implements AutoCloseable {
    private static final String OPTIONS = "options";
    private static final String FIELDS = "fields";
    private static final String BLEND = "blend";
    private static final String PRIOR = "prior";
    private static final String NETWORK = "network";

    private final Recipe recipe;
    private final RecipeDescription description;
    private final Options options;
    private Fields fields;
    private final Model model;
    private Blend blend;

    private TrainedModel(
            Recipe recipe, RecipeDescription description, Options options, Fields fields, Model model, Blend blend) {
        this.recipe = recipe;
        this.description = description;
        this.options = options;
        this.fields = fields;
        this.model = model;
        this.blend = blend;
    }

    /** A network with its first weights. */
    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // the model is closed by close()
    static TrainedModel create(
            Device device,
            Recipe recipe,
            RecipeDescription description,
            Options options,
            Fields fields,
            Network network) {
        Model model = network.on(device)
                .weights(parameters -> description.begin(options, fields, parameters))
                .build();
        return new TrainedModel(recipe, description, options, fields, model, null);
    }

    /**
     * Trained members as one, on the device of the first, which reads and answers what that does.
     *
     * @param options of the run
     * @param way how their networks become one
     */
    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // the model is closed by close()
    static TrainedModel mean(Options options, List<TrainedModel> members, Ensemble way) {
        TrainedModel first = members.get(0);
        Model model = way.network()
                .on(first.model.device())
                .weights(parameters -> way.write(
                        parameters, members.stream().map(member -> member.model).toList()))
                .build();
        return new TrainedModel(first.recipe, first.description, options, first.fields, model, null);
    }

    /**
     * Loads what {@link #save} wrote.
     *
     * @throws IllegalArgumentException if it was written by no recipe that is on the class path
     * @throws org.gatefold.file.FileException if the file cannot be read or is damaged
     */
    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // the model is closed by close()
    public static TrainedModel load(Device device, Path file) {
        Map<String, String> metadata = ModelFile.metadata(file);
        Recipe recipe = Recipes.all().stream()
                .filter(known -> metadata.containsKey(known.describe().name()))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(file
                        + ": expected a model trained by one of the recipes " + Recipes.names() + ", got one "
                        + (metadata.isEmpty()
                                ? "without a recipe, which would tell how to read rows"
                                : "of " + String.join(", ", metadata.keySet()))));
        RecipeDescription description = recipe.describe();
        JsonFields saved = JsonFields.parse("model " + file, metadata.get(description.name()));
        Options options = description.options().read(saved.fields(OPTIONS));
        Fields fields = description.fields(options).restored(saved.fields(FIELDS));
        Model model = ModelFile.load(device, file);
        if (description.members(options) > 1) {
            try {
                Ensemble.requireAnswers(model.network(), fields.target().head());
            } catch (IllegalArgumentException e) {
                model.close();
                throw new FileException(file + ": " + e.getMessage(), e);
            }
        }
        return new TrainedModel(
                recipe, description, options, fields, model, fields.prior() == null ? null : blend(saved));
    }

    private static Blend blend(JsonFields saved) {
        JsonFields weights = saved.fields(BLEND);
        return new Blend(weights.number(PRIOR, 0), weights.number(NETWORK, 0));
    }

    /** How the prior, if there is one, and the trained network answer rows best together that neither was fitted to. */
    Blend bestBlend(Rows heldBack) {
        return fields.prior() == null
                ? null
                : fields.outputTarget()
                        .blend(heldBack, fields.priorOutputs(heldBack), OutputTarget.outputs(model, fields, heldBack));
    }

    /** Joins the prior, fitted to all of the training part now, with the network. */
    void blend(Blend weights, Rows training) {
        if (fields.prior() != null) {
            blend = weights;
            fields = fields.withPriorFitted(training);
        }
    }

    /**
     * Lets the target tune the trained network by rows that it was not fitted to, if there are some.
     *
     * @return the target, which knows how
     */
    Target tune(Rows heldBack) {
        if (heldBack.size() > 0) {
            fields = fields.withTarget(fields.target().tuned(model, fields, heldBack));
        }
        return fields.target();
    }

    /** Tunes the network as that of another target was. */
    void tuneAs(Target other) {
        fields = fields.withTarget(fields.target().tunedAs(other, model));
    }

    /** Takes answers for rows that nothing was fitted to as showing how sure others are. */
    void calibrate(Rows heldBack, double[]... answers) {
        fields = fields.withTarget(fields.target().calibrated(heldBack, answers));
    }

    /** What it reads and answers, as it was fitted. */
    Fields fields() {
        return fields;
    }

    /** How prior and network are joined, in words; empty without a prior. */
    String blended() {
        return blend == null ? "" : blend.words(fields.prior());
    }

    /** Writes the model with all that is needed to use it. */
    public void save(Path file) {
        JsonObject json = new JsonObject();
        json.add(OPTIONS, options.json());
        json.add(FIELDS, fields.state());
        if (blend != null) {
            JsonObject weights = new JsonObject();
            weights.addProperty(PRIOR, blend.prior());
            weights.addProperty(NETWORK, blend.network());
            json.add(BLEND, weights);
        }
        ModelFile.save(model, file, Map.of(description.name(), Json.pretty(json)));
    }

    Model model() {
        return model;
    }

    Network network() {
        return model.network();
    }

    /** Answers for rows that may be answered, as {@link Fields#examples} gives them. */
    double[][] answers(Rows rows) {
        return answers(rows, blend);
    }

    /** @param weights how the prior and the network are joined; null where there is no prior */
    double[][] answers(Rows rows, Blend weights) {
        return answers(model, rows, weights);
    }

    /** Answers as this would give them with the network of one of its members in place of its own, which is tuned as that was. */
    double[][] answersBy(TrainedModel member, Rows rows) {
        member.tuneAs(fields.target());
        return answers(member.model, rows, blend);
    }

    private double[][] answers(Model network, Rows rows, Blend weights) {
        return weights == null
                ? fields.target().answers(network, fields, rows)
                : fields.outputTarget().answers(network, fields, rows, weights);
    }

    /**
     * Reads a table as the recipe does and answers its rows.
     *
     * @param known whether also to answer rows whose answer is known, where that is not usual, as with forecasts
     * @return the answers as CSV with a header, or as files of the kind are written
     * @throws IOException if the file cannot be read
     */
    public String predict(Path file, boolean known) throws IOException {
        Rows rows = asked(file, known);
        double[][] answers = answers(rows);
        Optional<String> written = fields.target().written(rows, answers);
        return written.isPresent()
                ? written.get()
                : RunFolder.csv(fields.target().header(), fields.target().lines(rows, answers));
    }

    /**
     * The answers for each row as JSON objects, one a line.
     *
     * @throws IllegalArgumentException unless this model tags words
     * @throws IOException if the file cannot be read
     */
    public String jsonLines(Path file) throws IOException {
        Rows rows = asked(file, false);
        return fields.target().jsonLines(rows, answers(rows));
    }

    /**
     * The best few answers for each row with their scores, as lines.
     *
     * @throws IllegalArgumentException unless this model searches for answers
     * @throws IOException if the file cannot be read
     */
    public String ranked(Path file, int count) throws IOException {
        return fields.target().ranked(model, fields, asked(file, false), count);
    }

    /**
     * Where the model found what it writes, as a picture for each row: what it looked at, or when it heard it.
     *
     * @throws IllegalArgumentException unless it writes down recordings, or writes sequences and has attention
     * @throws IOException if the file cannot be read
     */
    public List<Picture> pictures(Path file) throws IOException {
        return fields.target().found(model, fields, asked(file, false));
    }

    private Rows asked(Path file, boolean known) throws IOException {
        Table table = DataFile.read(recipe, description, options, file, null)
                .prepared(description, options)
                .table();
        Rows rows = fields.target().asked(table, known).with(fields.before(), 1);
        if (rows.size() == 0) {
            throw new IllegalArgumentException(file + ": expected at least " + fields.before()
                    + " rows before the one to be answered (" + fields.summary() + "), got " + table.rows());
        }
        return rows;
    }

    /**
     * Goes on with texts.
     *
     * @throws IllegalArgumentException if this is no language model
     */
    @MustBeClosed
    public TextGenerator generator() {
        if (fields.target() instanceof NextToken answered) {
            return new TextGenerator(model, answered.text());
        }
        throw new IllegalArgumentException(
                "expected a language model, got one of the recipe '" + description.name() + "'");
    }

    /**
     * Writes down speech while it is spoken.
     *
     * @throws IllegalArgumentException if this is no model of speech, or hears what comes too, or has several members
     */
    @MustBeClosed
    public SpeechStream listen() {
        if (!(fields.target() instanceof Transcript target) || !(fields.inputs().get(0) instanceof Sound sound)) {
            throw new IllegalArgumentException(
                    "--stream: expected a model of speech, got one of the recipe '" + description.name() + "'");
        }
        if (!(target instanceof CtcTranscript transcript)
                || !sound.way().streamed()
                || description.members(options) > 1) {
            throw new IllegalArgumentException("--stream: expected one network that hears forward alone, as of 'train "
                    + description.name() + " " + SoundOptions.STREAMING + "', got "
                    + (sound.way().streamed() ? options.get(Options.MEMBERS) + " networks" : "another"));
        }
        return new SpeechStream(model, sound, transcript);
    }

    /** What the answers for rows say, each of which is by itself. */
    List<Answer> said(Rows rows) {
        Target target = fields.target();
        return target.said(rows, blend == null ? target.separateAnswers(model, fields, rows) : answers(rows));
    }

    /**
     * Answers what is in memory.
     *
     * @throws IllegalArgumentException if answers are numbers, or what is read is neither texts, recordings nor pictures
     */
    public Answerer answerer() {
        return new Answerer(this, description.texts(options), description.contents(options));
    }

    @Override
    public void close() {
        model.close();
    }
}
