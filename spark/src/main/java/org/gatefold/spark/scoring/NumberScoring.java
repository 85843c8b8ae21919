package org.gatefold.spark.scoring;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Row;
import org.gatefold.data.Column;
import org.gatefold.model.Model;
import org.gatefold.model.Prediction;
import org.gatefold.spark.column.OutputColumns;
import org.gatefold.spark.column.ValueColumn;

/** Predicts rows by a network of one input and one output. */
public final class NumberScoring extends Scoring<float[][], Model> {
    private static final long serialVersionUID = 1L;

    private final ValueColumn input;
    private final OutputColumns outputs;

    public NumberScoring(Way way, ValueColumn input, OutputColumns outputs) {
        super(way);
        this.input = input;
        this.outputs = outputs;
    }

    @Override
    SharedModels.Kind<Model> kind() {
        return SharedModels.NETWORK;
    }

    @Override
    float[][] read(Row row) {
        return input.read(row);
    }

    @Override
    int length(float[][] value) {
        return value.length;
    }

    @Override
    List<Object[]> answers(Model model, List<float[][]> batch) {
        String name = model.inputs().keySet().iterator().next();
        Column column = input.column(name, batch);
        Prediction prediction = model.predict(column).values().iterator().next();
        List<Object[]> answers = new ArrayList<>();
        for (int i = 0; i < batch.size(); i++) {
            answers.add(outputs.values(prediction, i));
        }
        return answers;
    }
}
