package org.gatefold.recipe.field;

/** What is drawn of the answers to the test part. */
public sealed interface Picture permits Curve, Grid {
    /** The name of the file in the folder of a run, without its ending. */
    String file();

    /** Over the picture. */
    String title();
}
