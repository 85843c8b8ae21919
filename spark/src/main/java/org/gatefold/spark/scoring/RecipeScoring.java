package org.gatefold.spark.scoring;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.apache.spark.sql.Row;
import org.gatefold.file.NamedBytes;
import org.gatefold.recipe.Answerer;
import org.gatefold.recipe.TrainedModel;
import org.gatefold.recipe.field.Answer;
import org.gatefold.spark.column.AnswerColumns;
import org.gatefold.spark.column.KeyedColumn;

/** Answers texts, recordings or pictures by the model of a recipe, which reads them as it did in training. */
public final class RecipeScoring extends Scoring<Object, TrainedModel> {
    private static final long serialVersionUID = 1L;

    private final KeyedColumn input;
    private final boolean texts;
    private final AnswerColumns columns;

    /** @param texts whether the column has texts, rather than contents of files */
    public RecipeScoring(Way way, KeyedColumn input, boolean texts, AnswerColumns columns) {
        super(way);
        this.input = input;
        this.texts = texts;
        this.columns = columns;
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
        if (value instanceof String text && text.isBlank()) {
            throw input.wrong(row, "expected a text, got '" + text + "'");
        }
        return texts ? value : new NamedBytes(input.words(row), (byte[]) value);
    }

    @Override
    int length(Object value) {
        return texts ? ((String) value).length() : ((NamedBytes) value).bytes().length;
    }

    @Override
    List<Object[]> answers(TrainedModel model, List<Object> batch) {
        Answerer answerer = model.answerer();
        List<Answer> answers = texts
                ? answerer.texts(batch.stream().map(String.class::cast).toList())
                : contents(answerer, batch.stream().map(NamedBytes.class::cast).toList());
        return answers.stream().map(columns::values).toList();
    }

    private static List<Answer> contents(Answerer answerer, List<NamedBytes> files) {
        try {
            return answerer.contents(files);
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }
}
