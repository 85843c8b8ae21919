import java.io.InputStream;
import java.util.stream.IntStream;
import org.gatefold.data.Batches;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.data.table.CsvTable;
import org.gatefold.data.transform.Scaler;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Sequential;
import org.gatefold.train.Trainer;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.optimizer.Adam;

/** Forecasts the passengers of an airline one month ahead, from the changes of the twelve months before. */
public final class ForecastAirline {
    private static final int WINDOW = 12;
    private static final int TEST = 24;

    public static void main(String[] args) throws Exception {
        double[] passengers;
        try (InputStream csv = Device.class.getResourceAsStream("/org/gatefold/data/airpassengers.csv")) {
            passengers = CsvTable.read("airpassengers.csv", csv).numbers("value");
        }
        // Month t brought a change of changes[t] to month t + 1, in logarithms.
        double[] changes = new double[passengers.length - 1];
        for (int t = 0; t < changes.length; t++) {
            changes[t] = Math.log(passengers[t + 1] / passengers[t]);
        }
        int training = changes.length - TEST;
        Scaler scaler = Scaler.fit(Scaler.Kind.STANDARD, changes, 0, training);
        double[] scaled = scaler.scale(changes);

        // Row i holds changes i to i + 11; its target is change i + 12.
        int rows = changes.length - WINDOW;
        float[][] series = new float[changes.length][1];
        for (int t = 0; t < changes.length; t++) {
            series[t][0] = (float) scaled[t];
        }
        float[] next = new float[rows];
        for (int i = 0; i < rows; i++) {
            next[i] = series[i + WINDOW][0];
        }
        int[] starts = IntStream.range(0, rows).toArray();
        Dataset all = Dataset.of(Column.windows("changes", series, WINDOW, starts))
                .withTarget(Column.numbers("next", next));
        Dataset before = all.slice(0, rows - TEST);
        Dataset after = all.slice(rows - TEST, rows);

        try (Device device = Devices.cpu();
                Sequential model =
                        Sequential.on(device).seed(1).add(Lstm.of(32)).add(Linear.of(1)).build(1)) {
            Trainer.of(model)
                    .loss(Loss.mse())
                    .optimizer(Adam.of(0.005f))
                    .clipNorm(1f)
                    .fit(Batches.of(before, 16).shuffled(1), 60);
            float[][] forecast = model.predict(after).values().iterator().next().rows();
            double error = 0;
            double repeated = 0;
            for (int i = 0; i < TEST; i++) {
                double last = passengers[training + i];
                double right = passengers[training + i + 1];
                double value = last * Math.exp(scaler.restore(forecast[i][0]));
                error += Math.abs(value - right) / TEST;
                repeated += Math.abs(last - right) / TEST;
            }
            System.out.printf("mean absolute error %.1f, repeating the last month %.1f%n", error, repeated);
        }
    }
}
