package org.gatefold.spark;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWriter;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.OutputMode;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.gatefold.exchange.ModelFile;
import org.gatefold.model.Network;
import org.gatefold.recipe.Answerer;
import org.gatefold.recipe.Recipes;
import org.gatefold.recipe.TrainedModel;
import org.gatefold.spark.column.AnswerColumns;
import org.gatefold.spark.column.ClassColumns;
import org.gatefold.spark.column.KeyedColumn;
import org.gatefold.spark.column.NumberColumn;
import org.gatefold.spark.column.OutputColumns;
import org.gatefold.spark.column.SingleForm;
import org.gatefold.spark.column.TextColumns;
import org.gatefold.spark.column.ValueColumn;
import org.gatefold.spark.scoring.InvalidRows;
import org.gatefold.spark.scoring.NumberScoring;
import org.gatefold.spark.scoring.RecipeScoring;
import org.gatefold.spark.scoring.Scoring;
import org.gatefold.spark.scoring.SharedModels;
import org.gatefold.spark.scoring.StateTime;
import org.gatefold.spark.scoring.StreamScoring;
import org.gatefold.tensor.Form;
import org.gatefold.train.report.EpochReport;

/**
 * Adds a model's predictions to a frame: a number for each row, an array where the model gives several, or an array of arrays where it gives
 * some for every step; the name of a class, or its number where the model was trained on classes without names; or what the model of a recipe says of texts, recordings or pictures: a class, tags of words, a
 * text, how likely a text is.
 *
 * <p>Holds the model's file; every executor makes one model of it, on the device that is named, which its tasks share. Rows are predicted in
 * batches of similar length and come out in their order. A row that cannot be read fails the job with a message that names it, unless
 * {@code handleInvalid} says otherwise.
 * Parameters are not safe to change while others transform.
 */
public final class GatefoldModel extends Model<GatefoldModel> implements MLWritable {
    private static final long serialVersionUID = 1L;

    private static final String FILE = "model.safetensors";
    private static final int BATCH = 64;

    private final String uid;
    private final transient Settings settings;
    private final byte[] file;
    private final transient List<EpochReport> history;

    GatefoldModel(String uid, byte[] file, List<EpochReport> history) {
        this.uid = uid;
        this.file = file.clone();
        this.history = history;
        this.settings = new Settings(this, BATCH)
                .add("stateTimeoutMs", "silence of a key after which a stream forgets its states; 0 for never", 0L);
    }

    /**
     * A model of a file that {@link ModelFile#save} wrote, with one input and one output, or {@code model.safetensors} of a run that reads
     * texts, recordings or pictures and does not answer numbers.
     */
    public static GatefoldModel of(java.nio.file.Path modelFile) throws IOException {
        return new GatefoldModel(
                Identifiable$.MODULE$.randomUID("gatefold"), java.nio.file.Files.readAllBytes(modelFile), List.of());
    }

    Settings settings() {
        return settings;
    }

    @Override
    public String uid() {
        return uid;
    }

    @Override
    public Param<?>[] params() {
        return settings.all();
    }

    private GatefoldModel with(String param, Object value) {
        settings.set(param, value);
        return this;
    }

    public GatefoldModel setInputCol(String column) {
        return with("inputCol", column);
    }

    public GatefoldModel setOutputCol(String column) {
        return with("outputCol", column);
    }

    /** The column of the probabilities of classes, where the prediction is the name of a class; none by default. */
    public GatefoldModel setProbabilityCol(String column) {
        return with("probabilityCol", column);
    }

    /** Rows that cannot be read: {@code error}, the default, {@code skip} leaves them out, {@code keep} gives them a null. */
    public GatefoldModel setHandleInvalid(String way) {
        return with("handleInvalid", way);
    }

    /** The column by whose value messages name a row; none by default. */
    public GatefoldModel setKeyCol(String column) {
        return with("keyCol", column);
    }

    /** Rows of a batch; 64 by default. */
    public GatefoldModel setBatchSize(int rows) {
        if (rows < 1) {
            throw new IllegalArgumentException("batchSize: expected at least 1, got " + rows);
        }
        return with("batchSize", rows);
    }

    /**
     * How long a key of a stream may be silent before its states are given up; what comes later begins a sequence. By the time of its rows
     * where the stream has a watermark on the time column, by the clock else. Zero, the default, for ever.
     */
    public GatefoldModel setStateTimeout(Duration silence) {
        if (silence.isNegative()) {
            throw new IllegalArgumentException("stateTimeout: expected at least 0, got " + silence);
        }
        return with("stateTimeoutMs", silence.toMillis());
    }

    /** Gatefold's name of the device that every executor opens; {@code cpu} by default. */
    public GatefoldModel setDevice(String name) {
        return with("device", name);
    }

    /** The finished epochs of the training that gave this model; none if it was read from a file. */
    public List<EpochReport> history() {
        return history;
    }

    /** The model's file, as {@link ModelFile} reads it. */
    public byte[] modelFile() {
        return file.clone();
    }

    private Network network() {
        return SharedModels.withFile(file, ModelFile::network);
    }

    private TextColumns texts() {
        return TextColumns.of(SharedModels.withFile(file, ModelFile::metadata));
    }

    /** True if a recipe's model is to read what its recipe reads. */
    private boolean isRead(DataType input) {
        Set<String> saved = SharedModels.withFile(file, ModelFile::metadata).keySet();
        return (input.equals(DataTypes.StringType) || input.equals(DataTypes.BinaryType))
                && Recipes.all().stream()
                        .anyMatch(recipe -> saved.contains(recipe.describe().name()));
    }

    /** The columns of what the network gives. */
    private OutputColumns outputs() {
        List<String> classes = texts().classes();
        String name = settings.text("outputCol");
        String probabilities = settings.text("probabilityCol");
        if (classes == null) {
            ClassColumns.requireNone(probabilities);
            return new NumberColumn(name, SingleForm.of("output", network().outputs()));
        }
        return new ClassColumns(classes, name, probabilities);
    }

    /** The columns of what a recipe's model answers. */
    private AnswerColumns answers(DataType input) {
        try (SharedModels.Shared<TrainedModel> shared = SharedModels.use(SharedModels.RECIPE, file, "cpu")) {
            Answerer answerer = shared.model().answerer();
            if (answerer.readsTexts() != input.equals(DataTypes.StringType)) {
                throw new IllegalArgumentException("inputCol: expected a column of "
                        + (answerer.readsTexts() ? "texts" : "bytes, what files hold") + ", got one of "
                        + input.simpleString());
            }
            return new AnswerColumns(answerer.kind(), settings.text("outputCol"), settings.text("probabilityCol"));
        }
    }

    @Override
    public StructType transformSchema(StructType schema) {
        DataType input = KeyedColumn.require(schema, settings.text("inputCol"), settings.text("keyCol"));
        boolean nullable = InvalidRows.of(settings.text("handleInvalid")) == InvalidRows.KEEP;
        if (isRead(input)) {
            return added(schema, answers(input).fields(nullable));
        }
        return added(schema, outputs().fields(nullable));
    }

    private static StructType added(StructType schema, List<StructField> fields) {
        StructType longer = schema;
        for (StructField field : fields) {
            if (List.of(longer.fieldNames()).contains(field.name())) {
                throw new IllegalArgumentException(
                        "outputCol: expected a new column, got '" + field.name() + "', which there is");
            }
            longer = longer.add(field);
        }
        return longer;
    }

    @Override
    public Dataset<Row> transform(Dataset<?> frame) {
        StructType schema = frame.schema();
        StructType scored = transformSchema(schema);
        String column = settings.text("inputCol");
        String key = settings.text("keyCol");
        DataType type = KeyedColumn.require(schema, column, key);
        Scoring.Way way = new Scoring.Way(
                file,
                settings.text("device"),
                settings.whole("batchSize"),
                InvalidRows.of(settings.text("handleInvalid")),
                scored.size() - schema.size());
        MapPartitionsFunction<Row, Row> work = isRead(type)
                ? new RecipeScoring(
                        way, new KeyedColumn(schema, column, key), type.equals(DataTypes.StringType), answers(type))
                : new NumberScoring(
                        way,
                        new ValueColumn(
                                schema,
                                column,
                                key,
                                SingleForm.of("input", network().inputs()),
                                new TextColumns(texts().words(), null),
                                Integer.MAX_VALUE),
                        outputs());
        return frame.toDF().mapPartitions(work, Encoders.row(scored));
    }

    /**
     * Adds predictions to a stream of rows, each one step of the sequence of its key, which is the value of {@code keyCol}; the input column
     * has the numbers of a step. What layers carry from step to step is kept as bytes in Spark's state store, so that a query that is
     * started again goes on where it was. Within a batch of rows the steps of a key are ordered by their time; a step that comes in a later
     * batch than its successors is taken when it comes.
     *
     * @param stream may be a frame at rest too
     * @param timeColumn of times or numbers
     * @throws IllegalArgumentException if a column is missing, or no keyCol is set
     */
    public Dataset<Row> transformStream(Dataset<Row> stream, String timeColumn) {
        String key = settings.text("keyCol");
        if (key.isEmpty()) {
            throw new IllegalArgumentException(
                    "keyCol: expected the column whose values tell sequences apart, got none");
        }
        StructType schema = stream.schema();
        KeyedColumn.require(schema, timeColumn, key);
        Form step = SingleForm.of("input", network().inputs()).withSequence(false);
        int keyIndex = schema.fieldIndex(key);
        MapFunction<Row, String> keyOf = row -> String.valueOf(row.get(keyIndex));
        NumberColumn output = new NumberColumn(
                settings.text("outputCol"),
                SingleForm.of("output", network().outputs()).withSequence(false));
        StateTime silence = StateTime.of(settings.big("stateTimeoutMs"), schema.apply(timeColumn));
        StreamScoring scoring = new StreamScoring(
                new ValueColumn(schema, settings.text("inputCol"), key, step),
                output,
                schema.fieldIndex(timeColumn),
                file,
                settings.text("device"),
                silence);
        StructType scored = added(schema, output.fields(false));
        return stream.groupByKey(keyOf, Encoders.STRING())
                .flatMapGroupsWithState(
                        scoring, OutputMode.Append(), Encoders.BINARY(), Encoders.row(scored), silence.timeout());
    }

    @Override
    public GatefoldModel copy(ParamMap extra) {
        return copyValues(new GatefoldModel(uid, file, history), extra);
    }

    @Override
    public MLWriter write() {
        return new Writer(this);
    }

    private static final class Writer extends MLWriter {
        private final GatefoldModel model;

        Writer(GatefoldModel model) {
            this.model = model;
        }

        @Override
        public void saveImpl(String path) {
            DefaultParamsWriter.saveMetadata(model, path, sparkSession());
            HadoopFiles.write(sparkSession().sparkContext().hadoopConfiguration(), new Path(path, FILE), model.file);
        }
    }

    /** Reads what {@link #write} wrote. */
    public static MLReader<GatefoldModel> read() {
        return new Reader();
    }

    /** Reads what was saved under a path. */
    public static GatefoldModel load(String path) {
        return read().load(path);
    }

    private static final class Reader extends MLReader<GatefoldModel> {
        @Override
        public GatefoldModel load(String path) {
            SparkSession spark = sparkSession();
            DefaultParamsReader.Metadata metadata =
                    DefaultParamsReader.loadMetadata(path, spark, GatefoldModel.class.getName());
            GatefoldModel model = new GatefoldModel(
                    metadata.uid(),
                    HadoopFiles.read(spark.sparkContext().hadoopConfiguration(), new Path(path, FILE)),
                    List.of());
            metadata.getAndSetParams(model, metadata.getAndSetParams$default$2());
            return model;
        }
    }
}
