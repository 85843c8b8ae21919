package org.gatefold.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Row;
import org.gatefold.file.NamedBytes;
import org.gatefold.recipe.Classifier;
import org.gatefold.recipe.TrainedModel;

/** Tells the classes of texts, recordings or pictures by the model of a recipe, which reads them as it did in training. */
final class RecipeScoring extends Scoring<Object, TrainedModel> {
    private static final long serialVersionUID = 1L;

    private final KeyedColumn input;
    private final boolean texts;
    private final ClassColumns classes;

    /** @param texts whether the column has texts, rather than contents of files */
    RecipeScoring(Way way, KeyedColumn input, boolean texts, ClassColumns classes) {
        super(way);
        this.input = input;
        this.texts = texts;
        this.classes = classes;
    }

    @Override
    SharedModels.Kind<TrainedModel> kind() {
        return SharedModels.RECIPE;
    }

    /** A text, or a {@link NamedBytes}. */
    @Override
    Object read(Row row) {
        Object value = input.value(row);
        if (value == null) {
            throw input.wrong(row, "expected " + (texts ? "a text" : "what a file holds") + ", got null");
        }
        return texts ? value : new NamedBytes(input.words(row), (byte[]) value);
    }

    @Override
    int length(Object value) {
        return texts ? ((String) value).length() : ((NamedBytes) value).bytes().length;
    }

    @Override
    List<Object[]> answers(TrainedModel model, List<Object> batch) {
        Classifier classifier = model.classifier();
        double[][] answers = texts
                ? classifier.texts(batch.stream().map(String.class::cast).toList())
                : contents(
                        classifier, batch.stream().map(NamedBytes.class::cast).toList());
        List<Object[]> values = new ArrayList<>();
        for (double[] answer : answers) {
            values.add(classes.values(answer));
        }
        return values;
    }

    private static double[][] contents(Classifier classifier, List<NamedBytes> files) {
        try {
            return classifier.contents(files);
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }
}
