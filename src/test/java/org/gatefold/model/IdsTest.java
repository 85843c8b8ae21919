package org.gatefold.model;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.gatefold.data.Batches;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.embedding.Embedding;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.tensor.Form;
import org.gatefold.train.Evaluation;
import org.gatefold.train.RateFinder;
import org.gatefold.train.Trainer;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.optimizer.Adam;
import org.junit.jupiter.api.Test;

/** Ids outside a table are told by column, row and step before anything is computed from them. */
class IdsTest {
    private static final String TOKENS =
            "column 'words': row 1, step 2: expected an id of 0 to 9, as layer 'embedding' has 10 rows, got ";

    private static Network network() {
        Graph.Builder graph = Graph.builder();
        Graph.Node words = graph.input("words", Form.tokens());
        Graph.Node kind = graph.input("kind", Form.ids());
        Graph.Node read = graph.layer(Lstm.of(3), graph.layer(Embedding.of(10, 2), words));
        Graph.Node both = graph.concatenate(read, graph.layer(Embedding.of(4, 2).named("kinds"), kind));
        graph.output("y", graph.layer(Linear.of(1), both));
        return graph.build();
    }

    private static Dataset data(int id, int kind) {
        return Dataset.of(Column.tokens("words", new int[][] {{1, 2}, {3, 9, id}}), Column.labels("kind", 0, kind))
                .withTargets(new float[2][1]);
    }

    private static void refused(ThrowingCallable call, String message) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
    }

    @Test
    void idsOutsideATableAreRefusedEverywhere() {
        for (String name : List.of("reference", "cpu")) {
            try (Device device = Devices.named(name);
                    Model model = network().on(device).build()) {
                Trainer trainer = Trainer.of(model).loss(Loss.mse()).optimizer(Adam.of(0.01f));
                Batches good = Batches.of(data(0, 3), 2);
                Batches bad = Batches.of(data(10, 3), 2);
                trainer.fit(good, 1);
                refused(() -> trainer.fit(bad, 1), TOKENS + "10");
                refused(() -> trainer.validate(bad).fit(good, 1), TOKENS + "10");
                refused(() -> RateFinder.of(trainer).find(bad), TOKENS + "10");
                refused(() -> Evaluation.of(model, bad, Loss.mse()), TOKENS + "10");
                refused(() -> model.predict(data(-1, 3)), TOKENS + "-1");
                refused(
                        () -> model.predict(data(0, 4)),
                        "column 'kind': row 1: expected an id of 0 to 3, as layer 'kinds' has 4 rows, got 4");
            }
        }
    }

    @Test
    void streamsRefuseThemToo() {
        try (Device device = Devices.named("reference");
                Sequential model = Sequential.on(device)
                        .add(Embedding.of(10, 2))
                        .add(Lstm.of(3))
                        .build(Form.tokens());
                ModelStream stream = model.stream(2)) {
            refused(
                    () -> stream.step(new int[] {1, 10}, new float[6]),
                    "ids[1]: expected an id of 0 to 9, as layer 'embedding' has 10 rows, got 10");
            refused(() -> stream.chunk(Column.tokens("words", new int[][] {{1, 1, 1}, {2, 2, -3}})), TOKENS + "-3");
        }
    }
}
