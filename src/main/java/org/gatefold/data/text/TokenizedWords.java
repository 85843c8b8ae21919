package org.gatefold.data.text;

/**
 * Words as a pretrained encoder reads them.
 *
 * @param text their pieces between special tokens; places count within each word
 * @param firsts for each word which piece is its first, the last of all pieces for words that there was no room for
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record TokenizedWords(TokenizedText text, int[] firsts) {}
