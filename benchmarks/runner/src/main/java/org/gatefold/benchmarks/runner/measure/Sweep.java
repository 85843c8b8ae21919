package org.gatefold.benchmarks.runner.measure;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.gatefold.benchmarks.contract.LayerShape;
import org.gatefold.benchmarks.contract.Pass;
import org.gatefold.benchmarks.runner.heat.ContestantSpec;
import org.gatefold.benchmarks.runner.heat.Heat;

/** Shows how the cost of one contestant grows with the steps, the batch and the layers. For one thread. */
public final class Sweep {
    private static final int[] STEPS = {16, 32, 64, 128, 256};
    private static final int[] BATCHES = {8, 16, 32, 64, 128};
    private static final int[] LAYERS = {1, 2, 4, 8};

    private final ContestantSpec contestant;
    private final ComparisonRun run;

    public Sweep(ContestantSpec contestant, ComparisonRun run) {
        this.contestant = contestant;
        this.run = run;
    }

    /** Measures line by line and hands each over as soon as it is complete. */
    public void measure(Pass pass, Consumer<Line> completed) throws IOException {
        completed.accept(line("T", STEPS, pass, steps -> new LayerShape(steps, 32, 128, 128, 1, 1, false)));
        completed.accept(line("B", BATCHES, pass, batch -> new LayerShape(64, batch, 128, 128, 1, 1, false)));
        completed.accept(line("layers", LAYERS, pass, layers -> new LayerShape(64, 32, 128, 128, layers, 1, false)));
    }

    private Line line(String variable, int[] values, Pass pass, IntFunction<LayerShape> shapes) throws IOException {
        List<Point> points = new ArrayList<>();
        for (int value : values) {
            Comparison comparison = run.run(
                    new Heat("sweep " + variable + value, shapes.apply(value), pass, Optional.empty()),
                    List.of(contestant),
                    Optional.empty());
            if (comparison.measurements().isEmpty()) {
                throw new IOException("sweep: " + comparison.absent());
            }
            points.add(new Point(value, comparison.measurements().get(0).medianMillis()));
        }
        return new Line(contestant.name(), pass, variable, points);
    }

    public record Point(int value, double medianMillis) {
        public double millisPerUnit() {
            return medianMillis / value;
        }
    }

    /** Cost over one variable, all else fixed. */
    public record Line(String contestant, Pass pass, String variable, List<Point> points) {
        /** Cost per unit at the largest value in relation to that at the smallest: 1 is linear, less is better. */
        public double growth() {
            return points.get(points.size() - 1).millisPerUnit() / points.get(0).millisPerUnit();
        }
    }
}
