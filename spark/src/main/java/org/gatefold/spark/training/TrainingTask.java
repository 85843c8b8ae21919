package org.gatefold.spark.training;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.apache.spark.sql.Row;
import org.apache.spark.util.CollectionAccumulator;
import org.gatefold.data.Batches;
import org.gatefold.data.Dataset;
import org.gatefold.device.Device;
import org.gatefold.device.DeviceOptions;
import org.gatefold.device.Devices;
import org.gatefold.exchange.ModelFile;
import org.gatefold.model.Model;
import org.gatefold.spark.column.TextColumns;
import org.gatefold.spark.column.ValueColumn;
import org.gatefold.spark.task.RingProtection;
import org.gatefold.spark.task.TaskDevice;
import org.gatefold.train.Trainer;
import org.gatefold.train.parallel.Ring;
import org.gatefold.train.parallel.RingSeat;
import org.gatefold.train.report.EpochReport;
import org.gatefold.train.report.History;
import org.gatefold.train.report.TrainingListener;
import scala.Tuple2;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.AbstractFunction1;

/** One worker of a barrier stage: takes its place in the ring, trains on its partition, and, if it is the first, gives the model. */
public final class TrainingTask extends AbstractFunction1<Iterator<Tuple2<Long, Row>>, Iterator<Trained>>
        implements Serializable {
    private static final long serialVersionUID = 1L;

    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private final TrainingPlan plan;
    private final ValueColumn input;
    private final ValueColumn label;
    private final ArrayList<Row> validation;
    private final byte[] secret;
    private final CollectionAccumulator<Trained.Epoch> epochs;
    private final TextColumns texts;

    /**
     * @param validation rows that the first worker measures the model on; none if empty
     * @param epochs what the first worker tells of each
     * @param texts what the model's file is to say of columns
     */
    public TrainingTask(
            TrainingPlan plan,
            ValueColumn input,
            ValueColumn label,
            List<Row> validation,
            byte[] secret,
            CollectionAccumulator<Trained.Epoch> epochs,
            TextColumns texts) {
        this.plan = plan;
        this.input = input;
        this.label = label;
        this.validation = new ArrayList<>(validation);
        this.secret = secret.clone();
        this.epochs = epochs;
        this.texts = texts;
    }

    @Override
    public Iterator<Trained> apply(Iterator<Tuple2<Long, Row>> partition) {
        BarrierTaskContext task = BarrierTaskContext.get();
        try {
            List<Tuple2<Long, Row>> numbered = new ArrayList<>();
            CollectionConverters.asJava(partition).forEachRemaining(numbered::add);
            // A shuffle brings rows in any order.
            numbered.sort(Comparator.comparing(Tuple2::_1));
            List<Row> rows = numbered.stream().map(Tuple2::_2).toList();
            Path local = Files.createTempDirectory("gatefold-training");
            try {
                return CollectionConverters.asScala(train(task, rows, local).iterator());
            } finally {
                delete(local);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("worker " + task.partitionId() + ": " + e.getMessage(), e);
        }
    }

    private List<Trained> train(BarrierTaskContext task, List<Row> rows, Path local) throws IOException {
        int rank = task.partitionId();
        Dataset training = data(rows);
        Dataset measured = rank > 0 || validation.isEmpty() ? null : data(validation);
        InetAddress here = InetAddress.getByName(
                SparkEnv.get().blockManager().blockManagerId().host());
        try (RingSeat seat = RingProtection.listen(SparkEnv.get().securityManager(), here, secret)) {
            List<InetSocketAddress> seats = Arrays.stream(task.allGather(here.getHostAddress() + " " + seat.port()))
                    .map(TrainingTask::address)
                    .toList();
            DeviceOptions threads =
                    plan.device().equals("cpu") ? new DeviceOptions(task.cpus()) : DeviceOptions.defaults();
            try (Ring ring = seat.join(rank, seats, PATIENCE);
                    Device device = Devices.named(TaskDevice.name(task, plan.device()), threads);
                    Model model = plan.networkOf().on(device).seed(plan.seed()).build()) {
                History history = trainer(model, ring, measured, local)
                        .fit(Batches.of(training, plan.batchSize()).shuffled(plan.seed() + rank), plan.epochs());
                if (history.end() == History.End.INTERRUPTED) {
                    throw new IllegalStateException("worker " + rank + ": was stopped");
                }
                return rank > 0 ? List.of() : List.of(new Trained(file(model, local), history.epochs()));
            }
        }
    }

    private static InetSocketAddress address(String told) {
        int space = told.lastIndexOf(' ');
        return new InetSocketAddress(told.substring(0, space), Integer.parseInt(told.substring(space + 1)));
    }

    /** @param measured what the first worker validates on; null if nothing */
    private Trainer trainer(Model model, Ring ring, Dataset measured, Path local) throws IOException {
        Trainer trainer = Trainer.of(model)
                .loss(plan.lossOf())
                .optimizer(plan.optimizerOf())
                .seed(plan.seed())
                .workers(ring)
                .compression(plan.compressionOf());
        if (ring.rank() == 0) {
            trainer.listener(new Told(epochs));
        }
        if (plan.averagingSteps() > 0) {
            trainer.averageEvery(plan.averagingSteps());
        }
        if (plan.clipNorm() > 0) {
            trainer.clipNorm((float) plan.clipNorm());
        }
        if (plan.patience() > 0) {
            trainer.earlyStopping(plan.patience());
        }
        if (measured != null) {
            trainer.validate(Batches.of(measured, plan.batchSize()));
        }
        if (!plan.checkpoints().isEmpty()) {
            HadoopCheckpoints kept = new HadoopCheckpoints(
                    plan.checkpoints(), SparkHadoopUtil.get().conf());
            kept.read(local);
            trainer.checkpoints(local).resume(true);
            if (ring.rank() == 0) {
                trainer.listener(new Upload(kept, local));
            }
        }
        return trainer;
    }

    /** Tells the driver of epochs. */
    private record Told(CollectionAccumulator<Trained.Epoch> epochs) implements TrainingListener {
        @Override
        public void epochEnded(EpochReport report) {
            epochs.add(Trained.Epoch.of(report));
        }
    }

    /** Brings every checkpoint to where all workers find it. */
    private record Upload(HadoopCheckpoints kept, Path local) implements TrainingListener {
        @Override
        public void epochEnded(EpochReport report) {
            try {
                kept.write(local, report.epoch() + 1);
            } catch (IOException e) {
                throw new UncheckedIOException("checkpoint cannot be written: " + e.getMessage(), e);
            }
        }
    }

    private Dataset data(List<Row> rows) {
        return Dataset.of(input.column(
                        Dataset.INPUT, rows.stream().map(input::read).toList()))
                .withTarget(label.column(
                        Dataset.TARGET, rows.stream().map(label::read).toList()));
    }

    private byte[] file(Model model, Path local) throws IOException {
        Path file = local.resolve("model.safetensors");
        ModelFile.save(model, file, texts.metadata());
        return Files.readAllBytes(file);
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
