namespace Recipes.Display;

/// <summary>How a cell is meant, beyond its text. It is shown by a sign and weight too, never by colour alone.</summary>
public enum Tone
{
    /// <summary>A plain cell.</summary>
    None,

    /// <summary>Good news.</summary>
    Good,

    /// <summary>Bad news.</summary>
    Bad,

    /// <summary>Beside the point, such as a value that was not measured.</summary>
    Quiet,
}

/// <summary>A cell with a tone. Plain strings and numbers need none.</summary>
/// <param name="Value">Text, a number, a time span or nothing.</param>
/// <param name="Tone">How it is meant.</param>
public readonly record struct Cell(object? Value, Tone Tone);

/// <summary>A column of a <see cref="Table"/>.</summary>
/// <param name="Name">The heading.</param>
/// <param name="Unit">The unit of every number in the column, shown once in the heading.</param>
/// <param name="Format">A .NET number format such as <c>0.00</c>; empty gives four significant digits.</param>
/// <param name="IsNumber">Numbers stand at the right, text at the left.</param>
public sealed record Column(string Name, string Unit, string Format, bool IsNumber)
{
    /// <summary>A column of text.</summary>
    public static Column Text(string name) => new(name, "", "", IsNumber: false);

    /// <summary>A column of numbers, aligned at the right.</summary>
    public static Column Number(string name, string unit = "", string format = "") => new(name, unit, format, IsNumber: true);

    internal string Heading => Unit.Length > 0 ? $"{Name} ({Unit})" : Name;
}

/// <summary>
/// A table: columns with units, rows, a caption. An immutable value; <see cref="Row"/> and <see cref="Caption"/> return
/// a longer one. The first column names its row.
/// </summary>
[TypeFormatterSource(typeof(BlockFormatterSource))]
public sealed partial class Table : Block
{
    private readonly Column[] _columns;
    private readonly Cell[][] _rows;
    private readonly string _caption;

    private Table(Column[] columns, Cell[][] rows, string caption) => (_columns, _rows, _caption) = (columns, rows, caption);

    /// <summary>An empty table with these columns.</summary>
    public static Table With(params Column[] columns) =>
        columns.Length > 0 ? new Table(columns, [], "") : throw new RecipesException("A table needs at least one column.");

    /// <summary>One row for each item: columns, each with what it shows of an item.</summary>
    public static Table From<T>(IEnumerable<T> items, params (Column Column, Func<T, object?> Value)[] columns) =>
        With([.. columns.Select(c => c.Column)]).Rows(items.Select(item => columns.Select(c => c.Value(item)).ToArray()));

    /// <summary>The columns.</summary>
    public IReadOnlyList<Column> Columns => _columns;

    /// <summary>How many rows there are.</summary>
    public int Count => _rows.Length;

    /// <summary>With one more row: strings, numbers, <see cref="Cell"/>s, or null for "no value", one for each column.</summary>
    /// <exception cref="RecipesException">The number of cells is not that of the columns.</exception>
    public Table Row(params object?[] cells) => Rows([cells]);

    /// <summary>With more rows.</summary>
    /// <exception cref="RecipesException">The number of cells is not that of the columns.</exception>
    public Table Rows(IEnumerable<object?[]> rows) => new(_columns, [.. _rows, .. rows.Select(Cells)], _caption);

    /// <summary>With a caption, one line that says what is to be seen.</summary>
    public Table Caption(string caption) => new(_columns, _rows, caption);

    private Cell[] Cells(object?[] cells) =>
        cells.Length == _columns.Length
            ? [.. cells.Select(c => c is Cell cell ? cell : new Cell(c, Tone.None))]
            : throw new RecipesException(
                $"A row of {cells.Length} cells does not fit the {_columns.Length} columns ({string.Join(", ", _columns.Select(c => c.Name))})."
            );

    private string Text(Cell[] row, int column)
    {
        var text = Numbers.Text(row[column].Value, _columns[column].Format);
        return row[column].Tone switch
        {
            Tone.Good => "✓ " + text,
            Tone.Bad => "✗ " + text,
            _ => text,
        };
    }
}
