using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Recipes.Weights;

/// <summary>A Python dictionary as it stands in a checkpoint: pairs in their order.</summary>
/// <remarks>Keys are mostly texts, numbers (<see cref="long"/>) in optimizer states, and may be anything else.</remarks>
[SuppressMessage("Naming", "CA1710", Justification = "Its name says what it was in Python.")]
public sealed class PickledDict : IReadOnlyList<KeyValuePair<object?, object?>>
{
    private static readonly List<KeyValuePair<object?, object?>> None = [];
    private List<KeyValuePair<object?, object?>> _pairs = None;
    private Dictionary<object, int>? _places;

    internal PickledDict() { }

    /// <inheritdoc/>
    public int Count => _pairs.Count;

    /// <inheritdoc/>
    public KeyValuePair<object?, object?> this[int index] => _pairs[index];

    /// <summary>The value of a text key.</summary>
    public bool TryGet(string key, out object? value)
    {
        value = null;
        if (_places is null || !_places.TryGetValue(key, out var place))
            return false;
        value = _pairs[place].Value;
        return true;
    }

    // Only texts and integers are looked up: hashing what a file nests at will could take for ever. An empty one, which
    // costs a file one byte, costs little here too.
    internal void Set(object? key, object? value)
    {
        if (_places is null)
            (_pairs, _places) = ([], new(KeyComparer.Instance));
        var pair = KeyValuePair.Create(key, value);
        if (key is not (string or long))
        {
            _pairs.Add(pair);
        }
        else if (_places.TryGetValue(key, out var place))
        {
            _pairs[place] = pair;
        }
        else
        {
            _places.Add(key, _pairs.Count);
            _pairs.Add(pair);
        }
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<object?, object?>> GetEnumerator() => _pairs.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Its size: what it holds may hold itself.</summary>
    public override string ToString() => $"dict of {Count}";

    // A file can choose integers whose plain hashes are equal, but not ones whose seeded hashes are.
    private sealed class KeyComparer : IEqualityComparer<object>
    {
        public static readonly KeyComparer Instance = new();

        bool IEqualityComparer<object>.Equals(object? x, object? y) => Equals(x, y);

        int IEqualityComparer<object>.GetHashCode(object key) =>
            key is long number ? HashCode.Combine((int)number, (int)(number >> 32)) : key.GetHashCode();
    }
}

/// <summary>Something in a checkpoint of which only the name was kept: a dtype, a type, an array of numpy.</summary>
/// <param name="Name">Such as <c>torch.float32</c>.</param>
public sealed record PickledName(string Name)
{
    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
