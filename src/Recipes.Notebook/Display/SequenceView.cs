using System.Collections;
using System.Net;

namespace Recipes.Notebook.Display;

// A sequence that runs when it is read, or an F# collection: its first items, read once.
internal sealed class SequenceView : IDisplay
{
    public const int Most = 20;

    private readonly Array _items;
    private readonly string _note;
    private readonly string? _text;

    private SequenceView(IEnumerable sequence)
    {
        var items = First(sequence, out _note);
        var type = items.Where(i => i is not null).Select(i => i!.GetType()).Distinct().Take(2).ToList();
        _items = Array.CreateInstance(type.Count == 1 && !items.Contains(null) ? type[0] : typeof(object), items.Count);
        for (var i = 0; i < items.Count; i++)
            _items.SetValue(items[i], i);
        if (FSharpView.IsFSharp(sequence.GetType()) && !_note.StartsWith("stopped", StringComparison.Ordinal))
            _text = FSharpView.Text(sequence);
    }

    /// <summary>A view of F#'s collections and of sequences whose type has no public name; null for all others.</summary>
    public static SequenceView? Of(object value)
    {
        var type = value.GetType();
        return
            value is IEnumerable sequence and not (Array or string)
            && (!type.IsVisible || FSharpView.IsFSharp(type))
            && !Array.Exists(type.GetInterfaces(), IsDictionary)
            ? new SequenceView(sequence)
            : null;
    }

    /// <summary>The first items, and what to say when there are more or when reading stopped.</summary>
    public static List<object?> First(IEnumerable sequence, out string note)
    {
        var items = new List<object?>();
        note = "";
        try
        {
            foreach (var item in sequence)
            {
                if (items.Count == Most)
                {
                    note = sequence is ICollection { Count: var count }
                        ? $"the first {Most} of {count:#,0}"
                        : $"the first {Most}; there are more";
                    break;
                }
                items.Add(item);
            }
        }
        catch (Exception e)
        {
            note = $"stopped after {items.Count} items: {e.GetType().Name}: {e.Message}";
        }
        return items;
    }

    public string ToHtml() => Package.Text(_items, "text/html") + (_note.Length > 0 ? $"<p>{WebUtility.HtmlEncode(_note)}</p>" : "");

    public override string ToString() => _text ?? Package.Text(_items, "text/plain") + (_note.Length > 0 ? "\n" + _note : "");

    private static bool IsDictionary(Type type) =>
        type == typeof(IDictionary)
        || (
            type.IsGenericType
            && (
                type.GetGenericTypeDefinition() == typeof(IDictionary<,>)
                || type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>)
            )
        );
}
