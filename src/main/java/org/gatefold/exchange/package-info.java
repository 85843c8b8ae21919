/** Models in files. */
package org.gatefold.exchange;
