package org.gatefold.recipe.field.picture;

/** What is drawn of answers. */
public sealed interface Picture permits Curve, Grid, Lines, Spectrogram, Tiles {
    /** The name of the file, without its ending. */
    String file();

    /** Over the picture. */
    String title();
}
