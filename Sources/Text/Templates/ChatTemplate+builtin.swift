import JSON

extension ChatTemplate {
  /// Tulu's format, as its models were trained: BOS once, then `<|role|>`, a newline, the stripped text and a newline for
  /// each message, where the assistant's text is followed by EOS. After the last EOS there is no newline.
  public static let tulu = builtIn(
    "tulu",
    """
    {{- bos_token -}}
    {%- for message in messages -%}
    {%- if message['role'] not in ['system', 'user', 'assistant'] -%}
    {{- raise_exception("the tulu format has no role '" ~ message['role'] ~ "'; use system, user or assistant") -}}
    {%- endif -%}
    {{- '<|' ~ message['role'] ~ '|>\\n' ~ message['content'] | trim -}}
    {%- if message['role'] == 'assistant' -%}{{- eos_token -}}{%- endif -%}
    {%- if not loop.last or add_generation_prompt or message['role'] != 'assistant' -%}{{- '\\n' -}}{%- endif -%}
    {%- endfor -%}
    {%- if add_generation_prompt -%}{{- '<|assistant|>\\n' -}}{%- endif -%}
    """)

  /// The format of ChatML: `<|im_start|>role`, a newline, the text, `<|im_end|>` and a newline.
  public static let chatml = builtIn(
    "chatml",
    """
    {%- for message in messages -%}
    {{- '<|im_start|>' ~ message['role'] ~ '\\n' ~ message['content'] ~ '<|im_end|>\\n' -}}
    {%- endfor -%}
    {%- if add_generation_prompt -%}{{- '<|im_start|>assistant\\n' -}}{%- endif -%}
    """)

  /// The format of Llama 3, without tools and without the system message that Llama 3.1 adds by itself.
  public static let llama3 = builtIn(
    "llama-3",
    """
    {{- bos_token -}}
    {%- for message in messages -%}
    {{- '<|start_header_id|>' ~ message['role'] ~ '<|end_header_id|>\\n\\n' -}}
    {{- message['content'] | trim ~ '<|eot_id|>' -}}
    {%- endfor -%}
    {%- if add_generation_prompt -%}{{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' -}}{%- endif -%}
    """)

  /// The format of Zephyr: `<|role|>`, a newline, the text, EOS and a newline.
  public static let zephyr = builtIn(
    "zephyr",
    """
    {%- for message in messages -%}
    {{- '<|' ~ message['role'] ~ '|>\\n' ~ message['content'] ~ eos_token ~ '\\n' -}}
    {%- endfor -%}
    {%- if add_generation_prompt -%}{{- '<|assistant|>\\n' -}}{%- endif -%}
    """)

  private static let builtIns = [tulu, chatml, llama3, zephyr]

  /// The names of the built-in templates.
  public static var names: [String] { builtIns.map(\.name) }

  /// The built-in template of that name; nil where there is none.
  public static func named(_ name: String) -> ChatTemplate? { builtIns.first { $0.name == name } }

  private static func builtIn(_ name: String, _ source: String) -> ChatTemplate {
    do {
      return try ChatTemplate(source: source, name: name)
    } catch {
      // Only a mistake in this file can lead here.
      preconditionFailure("\(error)")
    }
  }
}
