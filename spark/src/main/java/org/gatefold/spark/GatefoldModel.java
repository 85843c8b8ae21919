package org.gatefold.spark;

import java.io.IOException;
import java.util.List;
import java.util.Map;
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
import org.apache.spark.sql.streaming.GroupStateTimeout;
import org.apache.spark.sql.streaming.OutputMode;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.gatefold.exchange.ModelFile;
import org.gatefold.model.Network;
import org.gatefold.tensor.Form;
import org.gatefold.train.report.EpochReport;

/**
 * Adds a model's predictions to a frame: an array of numbers for each row, or an array of arrays where the model gives one for every step.
 *
 * <p>Holds the model's file; every executor makes one model of it, on the device that is named, which its tasks share. Rows are predicted in
 * batches of similar length and come out in their order. A row that cannot be read fails the job with a message that names it.
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
        this.settings = new Settings(this, BATCH);
    }

    /** A model of a file that {@link ModelFile#save} wrote, with one input and one output. */
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

    public GatefoldModel setInputCol(String column) {
        settings.set("inputCol", column);
        return this;
    }

    public GatefoldModel setOutputCol(String column) {
        settings.set("outputCol", column);
        return this;
    }

    /** The column by whose value messages name a row; none by default. */
    public GatefoldModel setKeyCol(String column) {
        settings.set("keyCol", column);
        return this;
    }

    /** Rows of a batch; 64 by default. */
    public GatefoldModel setBatchSize(int rows) {
        if (rows < 1) {
            throw new IllegalArgumentException("batchSize: expected at least 1, got " + rows);
        }
        settings.set("batchSize", rows);
        return this;
    }

    /** Gatefold's name of the device that every executor opens; {@code cpu} by default. */
    public GatefoldModel setDevice(String name) {
        settings.set("device", name);
        return this;
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

    static Form only(String what, Map<String, Form> forms) {
        if (forms.size() != 1) {
            throw new IllegalArgumentException(
                    "model: expected one with a single " + what + ", got one with " + forms.keySet());
        }
        return forms.values().iterator().next();
    }

    @Override
    public StructType transformSchema(StructType schema) {
        Network network = network();
        ValueColumn.require(schema, settings.text("inputCol"), settings.text("keyCol"));
        ArrayType numbers = DataTypes.createArrayType(DataTypes.FloatType, false);
        return added(
                schema,
                only("output", network.outputs()).sequence() ? DataTypes.createArrayType(numbers, false) : numbers);
    }

    private StructType added(StructType schema, DataType type) {
        String output = settings.text("outputCol");
        if (List.of(schema.fieldNames()).contains(output)) {
            throw new IllegalArgumentException(
                    "outputCol: expected a new column, got '" + output + "', which there is");
        }
        return schema.add(output, type, false);
    }

    @Override
    public Dataset<Row> transform(Dataset<?> frame) {
        StructType schema = transformSchema(frame.schema());
        ValueColumn input = new ValueColumn(
                frame.schema(),
                settings.text("inputCol"),
                settings.text("keyCol"),
                only("input", network().inputs()));
        MapPartitionsFunction<Row, Row> work =
                new Scoring(input, file, settings.text("device"), settings.whole("batchSize"));
        return frame.toDF().mapPartitions(work, Encoders.row(schema));
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
        ValueColumn.require(schema, timeColumn, key);
        Form step = only("input", network().inputs()).withSequence(false);
        int keyIndex = schema.fieldIndex(key);
        MapFunction<Row, String> keyOf = row -> String.valueOf(row.get(keyIndex));
        StreamScoring scoring = new StreamScoring(
                new ValueColumn(schema, settings.text("inputCol"), key, step),
                schema.fieldIndex(timeColumn),
                file,
                settings.text("device"));
        StructType scored = added(schema, DataTypes.createArrayType(DataTypes.FloatType, false));
        return stream.groupByKey(keyOf, Encoders.STRING())
                .flatMapGroupsWithState(
                        scoring,
                        OutputMode.Append(),
                        Encoders.BINARY(),
                        Encoders.row(scored),
                        GroupStateTimeout.NoTimeout());
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
