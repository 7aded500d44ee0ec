using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;
using Recipes.Display;

namespace Recipes.Notebook.Display;

// A sequence of records or of other objects with a few properties: a table with a column for each.
internal sealed class RowsView : IDisplay
{
    private const int MostColumns = 16;
    private const int MostText = 60;

    private readonly Table _table;
    private readonly string? _text;

    private RowsView(IEnumerable rows, PropertyInfo[] columns)
    {
        var items = SequenceView.First(rows, out var note);
        _table = Table
            .With([Column.Text(""), .. columns.Select(c => IsNumber(c.PropertyType) ? Column.Number(c.Name) : Column.Text(c.Name))])
            .Rows(items.Select((item, i) => (object?[])[$"{i}", .. columns.Select(c => Cell(c, item))]))
            .Caption(note);
        if (FSharpView.IsFSharp(rows.GetType()) && !note.StartsWith("stopped", StringComparison.Ordinal))
            _text = FSharpView.Text(rows);
    }

    /// <summary>The table, or null when the items are something else.</summary>
    public static RowsView? Of(object value)
    {
        if (
            value is not IEnumerable rows
            || Item(value.GetType()) is not { } item
            || item.IsAbstract
            || item.IsPrimitive
            || item == typeof(object)
        )
            return null;
        if (typeof(IEnumerable).IsAssignableFrom(item) || typeof(IDisplay).IsAssignableFrom(item) || typeof(ITuple).IsAssignableFrom(item))
            return null;
        if (Views.Types.Any(t => t.IsAssignableFrom(item)) || Package.IsAttributed(item) || Package.IsRegistered(item) || Library(item))
            return null;
        var columns = item.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(p => p.CanRead && p.GetIndexParameters().Length == 0)
            .ToArray();
        return columns.Length is > 0 and <= MostColumns && !FSharpView.IsUnion(item) ? new RowsView(rows, columns) : null;
    }

    public string ToHtml() => _table.ToHtml();

    public override string ToString() => _text ?? _table.ToString();

    private static Type? Item(Type type) =>
        type.GetInterfaces()
            .Append(type)
            .FirstOrDefault(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IEnumerable<>))
            ?.GetGenericArguments()[0];

    // Strings, dates, pairs of dictionaries and the like.
    private static bool Library(Type type) => type.Assembly == typeof(int).Assembly || type.Assembly == typeof(Uri).Assembly;

    private static bool IsNumber(Type type) => type.IsPrimitive && type != typeof(bool) && type != typeof(char);

    private static object? Cell(PropertyInfo column, object? item)
    {
        if (item is null)
            return null;
        try
        {
            var value = column.GetValue(item);
            if (value is null || IsNumber(value.GetType()))
                return value;
            var text = (Views.Short(value) ?? ValueFormatter.Text(value)).ReplaceLineEndings(" ");
            return text.Length <= MostText ? text : text[..(MostText - 1)] + "…";
        }
        catch (TargetInvocationException e)
        {
            return $"{e.InnerException!.GetType().Name}: {e.InnerException.Message}";
        }
    }
}
