using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Recipes.Data;
using Recipes.Training;

namespace Recipes.Reproductions;

/// <summary>
/// What several arms of a run need and is made once: teachers, captioners, reinforced data. Each thing is named by its kind and its canonical JSON, has a folder
/// of its own under the run's, and is kept until the run ends.
/// </summary>
/// <param name="home">The folder for all of it; null for a temporary one, removed in the end.</param>
public sealed class SharedWork(string? home = null) : IDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<object>> _made = new(StringComparer.Ordinal);
    private readonly Lazy<string> _home = new(() => home ?? Directory.CreateTempSubdirectory("recipes-").FullName);

    /// <summary>Told what is made, in words; what it returns watches its training.</summary>
    public Func<string, ITrainingObserver?>? Preparing { get; init; }

    /// <summary>Images that are open.</summary>
    public OpenedImages Images { get; } = new();

    /// <summary>The thing of this kind and identity; made at its first use.</summary>
    /// <param name="kind">Such as <c>teacher</c>; also the folder's name.</param>
    /// <param name="identity">All that decides the outcome.</param>
    /// <param name="make">Makes it in its folder, where what an earlier process left may be taken up.</param>
    public T Get<T>(string kind, JsonNode identity, Func<string, T> make)
        where T : notnull
    {
        var name = $"{kind}-{CanonicalJson.Hash(identity)}";
        return (T)_made.GetOrAdd(name, _ => new Lazy<object>(() => make(Path.Combine(_home.Value, name)))).Value;
    }

    /// <summary>Says that something is made; who watches its training.</summary>
    internal IReadOnlyList<ITrainingObserver> Announce(string what) => Preparing?.Invoke(what) is { } watcher ? [watcher] : [];

    /// <summary>Frees what was made.</summary>
    public void Dispose()
    {
        foreach (var thing in _made.Values.Where(v => v.IsValueCreated).Select(v => v.Value).OfType<IDisposable>())
            thing.Dispose();
        _made.Clear();
        if (home is null && _home.IsValueCreated && Directory.Exists(_home.Value))
            Directory.Delete(_home.Value, recursive: true);
    }
}
