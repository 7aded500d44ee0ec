using System.Collections.Concurrent;
using System.ComponentModel;

namespace Recipes.Notebook.Cells;

/// <summary>Values on their way from one language to another. Used by generated code.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class SharedValues
{
    private static readonly ConcurrentDictionary<long, object?> _values = new();
    private static long _next;

    /// <summary>Keeps a value until it is taken.</summary>
    public static long Put(object? value)
    {
        var key = Interlocked.Increment(ref _next);
        _values[key] = value;
        return key;
    }

    /// <summary>The value, once.</summary>
    public static object? Take(long key) =>
        _values.TryRemove(key, out var value) ? value : throw new KeyNotFoundException($"shared value {key}");
}
