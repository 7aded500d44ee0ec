using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

// The different parts of some models, each once, as pieces of work to be timed. To be used within one scope, in inference mode.
internal sealed class TimedParts(ScalarType dtype) : IDisposable
{
    private readonly Dictionary<string, Module> _networks = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);
    private readonly List<Action> _work = [];

    public IReadOnlyList<Action> Work => _work;

    /// <summary>The place of an encoder on a number of crops, one after another.</summary>
    public int Encoder(VisionTower tower, int crops) =>
        Place(
            $"{tower.Name} {tower.Resolution} {crops}",
            () =>
            {
                var network = Network(CanonicalJson.Text(tower.Spec), tower.Build);
                // Channels last in memory.
                var pixels = rand([1, tower.Resolution, tower.Resolution, 3]).to(dtype).permute(0, 3, 1, 2);
                return () =>
                {
                    for (var i = 0; i < crops; i++)
                        network.call(pixels).Dispose();
                };
            }
        );

    /// <summary>The place of a connector on all image tokens.</summary>
    public int Connector(FirstToken work)
    {
        var (channels, width) = (work.Tower.Width, work.Language.Width);
        return Place(
            $"{channels} to {width} {work.ImageTokens}",
            () =>
            {
                var network = Network($"{channels} to {width}", () => new MlpProjector(channels, width));
                var tokens = randn([1, work.ImageTokens, channels]).to(dtype);
                return () => network.call(tokens).Dispose();
            }
        );
    }

    /// <summary>The place of a language model over image tokens, which it keeps in a cache.</summary>
    public int Prefill(Qwen2Spec spec, long tokens) =>
        Place(
            $"{spec.Name} {spec.SharedLayer} {tokens}",
            () =>
            {
                var network = (Decoder)Network(CanonicalJson.Text<object>(spec), () => spec.Build());
                var embeds = randn([1, tokens, spec.Width]).to(dtype);
                return () =>
                {
                    using var cache = network.Cache(tokens);
                    using var hidden = network.Hidden(embeds, cache: cache);
                    network.NextOf(hidden).Dispose();
                };
            }
        );

    public void Dispose()
    {
        foreach (var network in _networks.Values)
            network.Dispose();
    }

    private int Place(string key, Func<Action> make)
    {
        if (_places.TryGetValue(key, out var place))
            return place;
        _work.Add(make());
        return _places[key] = _work.Count - 1;
    }

    private T Network<T>(string key, Func<T> build)
        where T : Module
    {
        if (_networks.TryGetValue(key, out var known))
            return (T)known;
        var network = build();
        network.eval();
        network.to(dtype);
        _networks[key] = network;
        return network;
    }
}
