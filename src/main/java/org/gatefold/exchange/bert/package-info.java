/** Encoders of the BERT family, as Hugging Face's libraries keep them. */
package org.gatefold.exchange.bert;
