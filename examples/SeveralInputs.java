import java.util.Map;
import org.gatefold.data.Batches;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Graph;
import org.gatefold.model.Model;
import org.gatefold.tensor.Form;
import org.gatefold.train.Trainer;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.optimizer.Adam;
import org.gatefold.train.report.History;

/** A model of two inputs and two outputs: a series and a setting, from which follow a level and a class. */
public final class SeveralInputs {
    public static void main(String[] args) {
        int rows = 256;
        float[][][] series = new float[rows][8][1];
        float[][] setting = new float[rows][1];
        float[] level = new float[rows];
        int[] kind = new int[rows];
        for (int row = 0; row < rows; row++) {
            setting[row][0] = row % 5 / 4f;
            for (int t = 0; t < 8; t++) {
                series[row][t][0] = (row * 13 + t * 5) % 17 / 17f;
                level[row] += series[row][t][0] / 8;
            }
            kind[row] = level[row] > 0.5f ? 1 : 0;
            level[row] *= setting[row][0];
        }
        Dataset data = Dataset.of(Column.sequences("series", series), Column.rows("setting", setting))
                .withTarget(Column.numbers("level", level))
                .withTarget(Column.labels("kind", kind));

        Graph.Builder graph = Graph.builder();
        Graph.Node x = graph.input("series", Form.sequences(1));
        Graph.Node s = graph.input("setting", Form.rows(1));
        Graph.Node h = graph.layer(Lstm.of(16), x);
        Graph.Node product = graph.multiply(h, graph.layer(Linear.of(16), s));
        graph.output("level", graph.layer(Linear.of(1), graph.concatenate(h, product)));
        graph.output("kind", graph.layer(Linear.of(2), h));

        try (Device device = Devices.cpu();
                Model model = graph.build().on(device).seed(5).build()) {
            Loss loss = Loss.sum(Map.of("level", Loss.mse(), "kind", Loss.crossEntropy()));
            History history = Trainer.of(model)
                    .loss(loss)
                    .optimizer(Adam.of(0.01f))
                    .fit(Batches.of(data, 32).shuffled(1), 40);
            double before = history.epochs().get(0).trainingLoss();
            double after = history.last().trainingLoss();
            int right = 0;
            float[][] logits = model.predict(data).get("kind").rows();
            for (int row = 0; row < rows; row++) {
                right += (logits[row][1] > logits[row][0] ? 1 : 0) == kind[row] ? 1 : 0;
            }
            System.out.printf("loss %.3f, then %.3f; %d of %d classes right%n", before, after, right, rows);
        }
    }
}
