package org.gatefold.spark;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import org.apache.spark.HashPartitioner;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWritable;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.gatefold.data.text.Tokenizer;
import org.gatefold.exchange.NetworkJson;
import org.gatefold.file.Json;
import org.gatefold.model.Network;
import org.gatefold.spark.column.KeyedColumn;
import org.gatefold.spark.column.TextColumns;
import org.gatefold.spark.column.ValueColumn;
import org.gatefold.spark.column.Words;
import org.gatefold.spark.task.TaskSlots;
import org.gatefold.spark.training.EpochProgress;
import org.gatefold.spark.training.RowCheck;
import org.gatefold.spark.training.Trained;
import org.gatefold.spark.training.TrainingPlan;
import org.gatefold.spark.training.TrainingShare;
import org.gatefold.spark.training.TrainingTask;
import org.gatefold.train.report.EpochReport;
import scala.Tuple2;
import scala.reflect.ClassTag;

/**
 * Trains a network on a frame, by a barrier stage with one worker a task. Every row is read once before, so that one that cannot be read
 * is told of without a task that fails.
 *
 * <p>Row i of the frame, in its order, goes to worker i modulo their number, or to the validation rows, which the first worker measures
 * the model on after every epoch and which must have room on the driver. So for a frame whose order is fixed, a number of workers and
 * machines of one kind, the model has the same bits, run after run. Workers exchange gradients over sockets of their own, with a
 * secret that is drawn for the run, and Spark's where it authenticates; encrypted where Spark encrypts. When a task fails, Spark starts the stage again, from the
 * last checkpoint where there is a directory for them.
 */
public final class GatefoldEstimator extends Estimator<GatefoldModel> implements DefaultParamsWritable {
    private static final long serialVersionUID = 1L;

    private static final int SECRET_BYTES = 32;

    private final String uid;
    private final transient Settings settings;
    private transient Consumer<EpochReport> told;

    public GatefoldEstimator() {
        this(Identifiable$.MODULE$.randomUID("gatefoldEstimator"));
    }

    /** As Spark makes one when it reads it from a file. */
    public GatefoldEstimator(String uid) {
        this.uid = uid;
        settings = new Settings(this, 32)
                .add("network", "description of the network, as JSON", "")
                .add(
                        "labelCol",
                        "column of what is to be learnt: numbers as the network gives them, or classes",
                        "label")
                .add("loss", "mse, mae, logCosh, binaryCrossEntropy or crossEntropy", "mse")
                .add("optimizer", "adam, adamw, rmsprop or sgd", "adam")
                .add("learningRate", "rate of the optimizer", 0.001)
                .add("epochs", "passes over the rows", 10)
                .add("validationShare", "share of the rows that measure the model", 0.0)
                .add("patience", "epochs without improvement before training stops; 0 for all epochs", 0)
                .add("clipNorm", "largest norm of gradients; 0 for any", 0.0)
                .add("averagingSteps", "updates of a worker between averages; 0 to exchange gradients", 0)
                .add("compression", "how gradients are made smaller: none, bf16 or top:F", "none")
                .add("workers", "tasks that train together; 0 for Spark's default parallelism", 0)
                .add("seed", "seed of weights, order and dropout", 0L)
                .add("tokenizer", "what texts are cut into: words, spaces, characters or subwords", "words")
                .add("vocabularySize", "most tokens that a network for texts knows", 10_000)
                .add("minCount", "how often a token has to be among the texts to train on", 1)
                .add("checkpointDir", "directory of checkpoints, of this training alone; none if empty", "");
    }

    @Override
    public String uid() {
        return uid;
    }

    @Override
    public Param<?>[] params() {
        return settings.all();
    }

    private GatefoldEstimator with(String param, Object value) {
        settings.set(param, value);
        return this;
    }

    /** What is trained: one input and one output; required. */
    public GatefoldEstimator setNetwork(Network network) {
        return with("network", Json.compact(NetworkJson.writeReadable("network", network.description())));
    }

    public GatefoldEstimator setInputCol(String column) {
        return with("inputCol", column);
    }

    /** Numbers as the network gives them, a class with {@code crossEntropy}, by number or by name, or an array of numbers for every step. */
    public GatefoldEstimator setLabelCol(String column) {
        return with("labelCol", column);
    }

    /** The output column of the model. */
    public GatefoldEstimator setOutputCol(String column) {
        return with("outputCol", column);
    }

    /** The column of the probabilities of classes that the model adds, where classes have names; none by default. */
    public GatefoldEstimator setProbabilityCol(String column) {
        return with("probabilityCol", column);
    }

    /** What the model does about rows that it cannot read: {@code error}, the default, {@code skip} or {@code keep}; training fails of any. */
    public GatefoldEstimator setHandleInvalid(String way) {
        return with("handleInvalid", way);
    }

    /** What texts of the input column are cut into: {@code words} (the default), {@code spaces}, {@code characters} or {@code subwords}. */
    public GatefoldEstimator setTokenizer(String name) {
        return with("tokenizer", name);
    }

    /** The most tokens of texts that are known, one that stands for all others counted: as many as the network's embedding has. */
    public GatefoldEstimator setVocabularySize(int tokens) {
        return with("vocabularySize", tokens);
    }

    /** How often a token, or of subwords a character or pair, has to be among the texts that are trained on to be known; 1 by default. */
    public GatefoldEstimator setMinCount(int times) {
        return with("minCount", times);
    }

    /**
     * Who is told of every epoch while others are trained, on the driver, by a thread of Spark's, as often as executors send heartbeats
     * ({@code spark.executor.heartbeatInterval}). Is not saved with the estimator.
     */
    public GatefoldEstimator onEpoch(Consumer<EpochReport> listener) {
        told = listener;
        return this;
    }

    /** The column by whose value messages name a row; none by default. */
    public GatefoldEstimator setKeyCol(String column) {
        return with("keyCol", column);
    }

    /** {@code mse} (the default), {@code mae}, {@code logCosh}, {@code binaryCrossEntropy} or {@code crossEntropy}. */
    public GatefoldEstimator setLoss(String name) {
        return with("loss", name);
    }

    /** {@code adam} (the default), {@code adamw}, {@code rmsprop} or {@code sgd}. */
    public GatefoldEstimator setOptimizer(String name) {
        return with("optimizer", name);
    }

    public GatefoldEstimator setLearningRate(double rate) {
        return with("learningRate", rate);
    }

    public GatefoldEstimator setEpochs(int epochs) {
        return with("epochs", epochs);
    }

    /** Rows of a worker's batch; an update takes as many of every worker. */
    public GatefoldEstimator setBatchSize(int rows) {
        return with("batchSize", rows);
    }

    /** Share of the rows that measure the model and train nothing: 0, the default, to below 1. */
    public GatefoldEstimator setValidationShare(double share) {
        return with("validationShare", share);
    }

    /** Stops after so many epochs without improvement, and takes the best epoch's weights; 0, the default, for all epochs. */
    public GatefoldEstimator setPatience(int epochs) {
        return with("patience", epochs);
    }

    /** The largest norm of gradients; 0, the default, for any. */
    public GatefoldEstimator setClipNorm(double norm) {
        return with("clipNorm", norm);
    }

    /** Lets each worker make so many updates between averages of weights; 0, the default, exchanges gradients in every update. */
    public GatefoldEstimator setAveragingSteps(int updates) {
        return with("averagingSteps", updates);
    }

    /**
     * How gradients are made smaller before workers tell them each other: {@code none} (the default), {@code bf16}, or {@code top:F} for the
     * fraction F of largest numbers, as in {@code top:0.01}; see {@link org.gatefold.train.parallel.Compression}.
     */
    public GatefoldEstimator setCompression(String name) {
        return with("compression", name);
    }

    /** Tasks that train together, which must all run at once; by default as many as Spark's default parallelism. */
    public GatefoldEstimator setWorkers(int tasks) {
        return with("workers", tasks);
    }

    public GatefoldEstimator setSeed(long seed) {
        return with("seed", seed);
    }

    /** A directory on a file system of Hadoop's for checkpoints of this training, to go on from. */
    public GatefoldEstimator setCheckpointDir(String directory) {
        return with("checkpointDir", directory);
    }

    /** {@code cpu}, the default, with the cores of a task; {@code cuda} for the GPU that Spark gives it; or a device by name. */
    public GatefoldEstimator setDevice(String name) {
        return with("device", name);
    }

    private TrainingPlan plan() {
        return new TrainingPlan(
                settings.text("network"),
                settings.text("loss"),
                settings.text("optimizer"),
                settings.number("learningRate"),
                settings.whole("epochs"),
                settings.whole("batchSize"),
                settings.whole("averagingSteps"),
                settings.text("compression"),
                settings.whole("patience"),
                settings.number("clipNorm"),
                settings.big("seed"),
                settings.text("checkpointDir"),
                settings.text("device"));
    }

    private GatefoldModel model(Trained trained) {
        GatefoldModel model = new GatefoldModel(uid, trained.file(), trained.reports());
        model.setParent(this);
        settings.copyTo(model.settings());
        return model;
    }

    @Override
    public StructType transformSchema(StructType schema) {
        plan().networkOf();
        KeyedColumn.require(schema, settings.text("inputCol"), settings.text("keyCol"));
        KeyedColumn.require(schema, settings.text("labelCol"), "");
        return schema;
    }

    @Override
    public GatefoldModel fit(Dataset<?> frame) {
        TrainingPlan plan = plan();
        StructType schema = transformSchema(frame.schema());
        SparkContext context = frame.sparkSession().sparkContext();
        int wanted = settings.whole("workers");
        TrainingShare share = new TrainingShare(
                wanted > 0 ? wanted : context.defaultParallelism(), settings.number("validationShare"), plan.seed());
        TaskSlots.require(context, share.workers());
        JavaPairRDD<Long, Row> numbered =
                frame.toDF().toJavaRDD().zipWithIndex().mapToPair(Tuple2::swap);
        JavaPairRDD<Long, Row> training = numbered.filter(row -> !share.measures(row._1));
        TextColumns texts = TextColumns.of(words(schema, training), classes(frame, plan));
        String key = settings.text("keyCol");
        ValueColumn input = new ValueColumn(
                schema,
                settings.text("inputCol"),
                key,
                plan.input(),
                new TextColumns(texts.words(), null),
                Integer.MAX_VALUE);
        ValueColumn label = new ValueColumn(
                schema,
                settings.text("labelCol"),
                key,
                plan.label(),
                new TextColumns(null, texts.classes()),
                plan.width());
        new RowCheck(input, label, share).all(numbered);
        List<Row> validation = share.validation() == 0
                ? List.of()
                : numbered.filter(row -> share.measures(row._1)).collect().stream()
                        .sorted(Comparator.comparing(Tuple2::_1))
                        .map(Tuple2::_2)
                        .toList();
        byte[] secret = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(secret);
        try (EpochProgress progress = new EpochProgress(context, told)) {
            TrainingTask task = new TrainingTask(plan, input, label, validation, secret, progress.epochs(), texts);
            RDD<Trained> trained = training.partitionBy(new HashPartitioner(share.workers()))
                    .rdd()
                    .barrier()
                    .mapPartitions(task, false, ClassTag.apply(Trained.class));
            // Spark starts a barrier stage again only if a shuffle follows it.
            GatefoldModel model =
                    model(trained.toJavaRDD().repartition(1).collect().get(0));
            progress.tell(model.history());
            return model;
        }
    }

    /** The vocabulary of a column of texts; null if the input is no such column. */
    private Words words(StructType schema, JavaPairRDD<Long, Row> training) {
        Tokenizer tokenizer = Words.tokenizer(settings.text("tokenizer"));
        int most = settings.whole("vocabularySize");
        int least = settings.whole("minCount");
        TrainingPlan.atLeast("vocabularySize", 2, most);
        TrainingPlan.atLeast("minCount", 1, least);
        int index = schema.fieldIndex(settings.text("inputCol"));
        return schema.fields()[index].dataType().equals(DataTypes.StringType)
                ? Words.fit(training.map(row -> row._2.getString(index)), tokenizer, most, least)
                : null;
    }

    /** The names of classes in their order; empty if labels are their numbers; null if these are no classes. */
    private List<String> classes(Dataset<?> frame, TrainingPlan plan) {
        String column = settings.text("labelCol");
        StructType schema = frame.schema();
        if (!schema.fields()[schema.fieldIndex(column)].dataType().equals(DataTypes.StringType)) {
            return plan.tellsClasses() ? List.of() : null;
        }
        plan.requireClasses();
        int most = plan.width();
        List<String> names = new ArrayList<>(frame.select(column)
                .distinct()
                .na()
                .drop()
                .as(Encoders.STRING())
                .limit(most + 1)
                .collectAsList());
        if (names.size() > most) {
            throw new IllegalArgumentException(
                    "labelCol: expected at most " + most + " classes, as many as the network has outputs, got more");
        }
        Collections.sort(names);
        return names;
    }

    @Override
    public GatefoldEstimator copy(ParamMap extra) {
        return copyValues(new GatefoldEstimator(uid), extra).onEpoch(told);
    }

    /** Reads what {@link #write} wrote. */
    public static MLReader<GatefoldEstimator> read() {
        return new DefaultParamsReader<>();
    }

    /** Reads what was saved under a path. */
    public static GatefoldEstimator load(String path) {
        return read().load(path);
    }
}
