/** Tables with named columns, from CSV and .ts files: dialects, numbers, dates, missing values. */
package org.gatefold.data.table;
