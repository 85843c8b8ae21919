package org.gatefold.recipe.user;

import java.util.List;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.recipe.Recipe;
import org.gatefold.recipe.RecipeDescription;
import org.gatefold.recipe.field.series.Numeric;
import org.gatefold.recipe.field.series.Sequence;
import org.gatefold.recipe.option.Option;

/** A recipe of a program's own, with what is public: a number for each sequence. */
public final class Rainfall implements Recipe {
    private static final Option<Boolean> DEEP = Option.flag("deep", "Stack two layers.");

    @Override
    public RecipeDescription describe() {
        return Recipe.named("rainfall")
                .says("Adds up the rain of a few days.")
                .data("rainfall.csv")
                .testOnLast(0.25)
                .options(DEEP)
                .input(Sequence.allBut("total"))
                .target(Numeric.column("total"))
                .network(o -> List.of(Lstm.of(o.hidden()).layers(o.get(DEEP) ? 2 : 1)))
                .defaults(o -> o.hidden(16).epochs(60).batch(8).learningRate(1e-2));
    }
}
