package org.gatefold.recipe.field.media;

import org.gatefold.recipe.field.Baseline;
import org.gatefold.recipe.field.Baseline.Attempt;

/** What models that write down speech are compared with. */
public final class SpeechBaselines {
    private SpeechBaselines() {}

    /** The most frequent text of the training rows, for a {@link Transcript}. */
    public static Baseline frequentTranscript() {
        return new Baseline("most-frequent", (fields, training, test) -> {
            Wording wording = ((Transcript) fields.target()).wording();
            return Attempt.everywhere(test, wording.answer(wording.mostFrequent(training)));
        });
    }
}
