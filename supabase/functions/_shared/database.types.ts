// Written by `npm run types` with the Supabase CLI; edit the migrations, not this file.
// schema 826487f50619b2c5856ef45efb4b25b5818cd25e409c28afd02f5591425ea294
// types  8638877870109e88de4ee6392a4484847483c6d8052e931a49f2a1b4d4627345
export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];

export type Database = {
  public: {
    Tables: {
      etl_runs: {
        Row: {
          batch_id: string;
          completed_at: string | null;
          counters: Json | null;
          error_code: string | null;
          error_message: string | null;
          etl_function: string;
          id: string;
          org_id: string;
          rejections: Json | null;
          started_at: string;
          status: string;
          store_id: string;
        };
        ComputedFields: never;
        Insert: {
          batch_id: string;
          completed_at?: string | null;
          counters?: Json | null;
          error_code?: string | null;
          error_message?: string | null;
          etl_function: string;
          id?: string;
          org_id: string;
          rejections?: Json | null;
          started_at: string;
          status: string;
          store_id: string;
        };
        Update: {
          batch_id?: string;
          completed_at?: string | null;
          counters?: Json | null;
          error_code?: string | null;
          error_message?: string | null;
          etl_function?: string;
          id?: string;
          org_id?: string;
          rejections?: Json | null;
          started_at?: string;
          status?: string;
          store_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'etl_runs_store_id_fkey';
            columns: ['store_id'];
            isOneToOne: false;
            referencedRelation: 'stores';
            referencedColumns: ['id'];
          },
        ];
      };
      funnel_events: {
        Row: {
          created_at: string;
          event_time: string;
          id: string;
          org_id: string;
          source: string;
          stage: string;
          store_id: string;
          visit_id: string;
          zone_id: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          event_time: string;
          id: string;
          org_id: string;
          source: string;
          stage: string;
          store_id: string;
          visit_id: string;
          zone_id: string;
        };
        Update: {
          created_at?: string;
          event_time?: string;
          id?: string;
          org_id?: string;
          source?: string;
          stage?: string;
          store_id?: string;
          visit_id?: string;
          zone_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'funnel_events_store_id_fkey';
            columns: ['store_id'];
            isOneToOne: false;
            referencedRelation: 'stores';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'funnel_events_visit_id_fkey';
            columns: ['visit_id'];
            isOneToOne: false;
            referencedRelation: 'visits';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'funnel_events_zone_id_fkey';
            columns: ['zone_id'];
            isOneToOne: false;
            referencedRelation: 'zones_dim';
            referencedColumns: ['id'];
          },
        ];
      };
      ingest_tokens: {
        Row: {
          created_at: string;
          expires_at: string | null;
          id: string;
          label: string;
          last_used_at: string | null;
          revoked_at: string | null;
          store_id: string;
          token_hash: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          expires_at?: string | null;
          id?: string;
          label: string;
          last_used_at?: string | null;
          revoked_at?: string | null;
          store_id: string;
          token_hash: string;
        };
        Update: {
          created_at?: string;
          expires_at?: string | null;
          id?: string;
          label?: string;
          last_used_at?: string | null;
          revoked_at?: string | null;
          store_id?: string;
          token_hash?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'ingest_tokens_store_id_fkey';
            columns: ['store_id'];
            isOneToOne: false;
            referencedRelation: 'stores';
            referencedColumns: ['id'];
          },
        ];
      };
      live_occupancy: {
        Row: {
          at: string;
          message: NonNullable<Json>;
          org_id: string;
          store_id: string;
        };
        ComputedFields: never;
        Insert: {
          at: string;
          message: NonNullable<Json>;
          org_id: string;
          store_id: string;
        };
        Update: {
          at?: string;
          message?: NonNullable<Json>;
          org_id?: string;
          store_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'live_occupancy_org_id_fkey';
            columns: ['org_id'];
            isOneToOne: false;
            referencedRelation: 'organisations';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'live_occupancy_store_id_fkey';
            columns: ['store_id'];
            isOneToOne: true;
            referencedRelation: 'stores';
            referencedColumns: ['id'];
          },
        ];
      };
      org_members: {
        Row: {
          created_at: string;
          org_id: string;
          role: string;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          org_id: string;
          role?: string;
          user_id: string;
        };
        Update: {
          created_at?: string;
          org_id?: string;
          role?: string;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'org_members_org_id_fkey';
            columns: ['org_id'];
            isOneToOne: false;
            referencedRelation: 'organisations';
            referencedColumns: ['id'];
          },
        ];
      };
      organisations: {
        Row: {
          created_at: string;
          id: string;
          name: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          id?: string;
          name: string;
        };
        Update: {
          created_at?: string;
          id?: string;
          name?: string;
        };
        Relationships: [];
      };
      raw_imports: {
        Row: {
          batch_id: string;
          created_at: string;
          id: string;
          org_id: string;
          payload: NonNullable<Json>;
          payload_hash: string;
          result: Json | null;
          source: string;
          status: string;
          store_id: string;
        };
        ComputedFields: never;
        Insert: {
          batch_id: string;
          created_at?: string;
          id?: string;
          org_id: string;
          payload: NonNullable<Json>;
          payload_hash: string;
          result?: Json | null;
          source: string;
          status: string;
          store_id: string;
        };
        Update: {
          batch_id?: string;
          created_at?: string;
          id?: string;
          org_id?: string;
          payload?: NonNullable<Json>;
          payload_hash?: string;
          result?: Json | null;
          source?: string;
          status?: string;
          store_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'raw_imports_store_id_fkey';
            columns: ['store_id'];
            isOneToOne: false;
            referencedRelation: 'stores';
            referencedColumns: ['id'];
          },
        ];
      };
      sensors: {
        Row: {
          created_at: string;
          id: string;
          is_active: boolean;
          offset_db: number;
          org_id: string;
          position_x: number | null;
          position_y: number;
          position_z: number | null;
          sensor_code: string;
          store_id: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          id?: string;
          is_active?: boolean;
          offset_db?: number;
          org_id: string;
          position_x?: number | null;
          position_y?: number;
          position_z?: number | null;
          sensor_code: string;
          store_id: string;
        };
        Update: {
          created_at?: string;
          id?: string;
          is_active?: boolean;
          offset_db?: number;
          org_id?: string;
          position_x?: number | null;
          position_y?: number;
          position_z?: number | null;
          sensor_code?: string;
          store_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'sensors_org_id_fkey';
            columns: ['org_id'];
            isOneToOne: false;
            referencedRelation: 'organisations';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'sensors_store_id_fkey';
            columns: ['store_id'];
            isOneToOne: false;
            referencedRelation: 'stores';
            referencedColumns: ['id'];
          },
        ];
      };
      stores: {
        Row: {
          created_at: string;
          id: string;
          org_id: string;
          settings: NonNullable<Json>;
          store_name: string;
          time_zone: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          id?: string;
          org_id: string;
          settings?: NonNullable<Json>;
          store_name: string;
          time_zone?: string;
        };
        Update: {
          created_at?: string;
          id?: string;
          org_id?: string;
          settings?: NonNullable<Json>;
          store_name?: string;
          time_zone?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'stores_org_id_fkey';
            columns: ['org_id'];
            isOneToOne: false;
            referencedRelation: 'organisations';
            referencedColumns: ['id'];
          },
        ];
      };
      visit_zone_events: {
        Row: {
          created_at: string;
          dwell_seconds: number;
          engaged_at: string | null;
          entered_at: string;
          exited_at: string;
          id: string;
          org_id: string;
          origin: string;
          sequence: number;
          source: string;
          store_id: string;
          visit_id: string;
          zone_id: string;
          zone_seconds: number;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          dwell_seconds: number;
          engaged_at?: string | null;
          entered_at: string;
          exited_at: string;
          id: string;
          org_id: string;
          origin: string;
          sequence: number;
          source: string;
          store_id: string;
          visit_id: string;
          zone_id: string;
          zone_seconds: number;
        };
        Update: {
          created_at?: string;
          dwell_seconds?: number;
          engaged_at?: string | null;
          entered_at?: string;
          exited_at?: string;
          id?: string;
          org_id?: string;
          origin?: string;
          sequence?: number;
          source?: string;
          store_id?: string;
          visit_id?: string;
          zone_id?: string;
          zone_seconds?: number;
        };
        Relationships: [
          {
            foreignKeyName: 'visit_zone_events_store_id_fkey';
            columns: ['store_id'];
            isOneToOne: false;
            referencedRelation: 'stores';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'visit_zone_events_visit_id_fkey';
            columns: ['visit_id'];
            isOneToOne: false;
            referencedRelation: 'visits';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'visit_zone_events_zone_id_fkey';
            columns: ['zone_id'];
            isOneToOne: false;
            referencedRelation: 'zones_dim';
            referencedColumns: ['id'];
          },
        ];
      };
      visits: {
        Row: {
          created_at: string;
          customer_id: string | null;
          duration_minutes: number | null;
          entry_time: string | null;
          exit_time: string | null;
          id: string;
          metadata: Json | null;
          org_id: string;
          source: string | null;
          store_id: string;
          user_id: string;
          visit_date: string;
          visitor_id: string | null;
          zones_visited: string[] | null;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          customer_id?: string | null;
          duration_minutes?: number | null;
          entry_time?: string | null;
          exit_time?: string | null;
          id: string;
          metadata?: Json | null;
          org_id: string;
          source?: string | null;
          store_id: string;
          user_id: string;
          visit_date: string;
          visitor_id?: string | null;
          zones_visited?: string[] | null;
        };
        Update: {
          created_at?: string;
          customer_id?: string | null;
          duration_minutes?: number | null;
          entry_time?: string | null;
          exit_time?: string | null;
          id?: string;
          metadata?: Json | null;
          org_id?: string;
          source?: string | null;
          store_id?: string;
          user_id?: string;
          visit_date?: string;
          visitor_id?: string | null;
          zones_visited?: string[] | null;
        };
        Relationships: [
          {
            foreignKeyName: 'visits_store_id_fkey';
            columns: ['store_id'];
            isOneToOne: false;
            referencedRelation: 'stores';
            referencedColumns: ['id'];
          },
        ];
      };
      zone_dwells: {
        Row: {
          created_at: string;
          dwell_seconds: number;
          entered_at: string;
          exited_at: string;
          hashed_mac: string;
          store_id: string;
          zone_id: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          dwell_seconds: number;
          entered_at: string;
          exited_at: string;
          hashed_mac: string;
          store_id: string;
          zone_id: string;
        };
        Update: {
          created_at?: string;
          dwell_seconds?: number;
          entered_at?: string;
          exited_at?: string;
          hashed_mac?: string;
          store_id?: string;
          zone_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'zone_dwells_store_id_fkey';
            columns: ['store_id'];
            isOneToOne: false;
            referencedRelation: 'stores';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'zone_dwells_zone_id_fkey';
            columns: ['zone_id'];
            isOneToOne: false;
            referencedRelation: 'zones_dim';
            referencedColumns: ['id'];
          },
        ];
      };
      zone_events: {
        Row: {
          batch_id: string;
          confidence: number | null;
          created_at: string;
          device_class: string | null;
          event_time: string;
          hashed_mac: string;
          id: string;
          org_id: string;
          position_x: number;
          position_y: number;
          reading_key: string;
          rssi_readings: NonNullable<Json>;
          sensor_type: string;
          store_id: string;
          zone_id: string;
        };
        ComputedFields: never;
        Insert: {
          batch_id: string;
          confidence?: number | null;
          created_at?: string;
          device_class?: string | null;
          event_time: string;
          hashed_mac: string;
          id: string;
          org_id: string;
          position_x: number;
          position_y: number;
          reading_key: string;
          rssi_readings: NonNullable<Json>;
          sensor_type: string;
          store_id: string;
          zone_id: string;
        };
        Update: {
          batch_id?: string;
          confidence?: number | null;
          created_at?: string;
          device_class?: string | null;
          event_time?: string;
          hashed_mac?: string;
          id?: string;
          org_id?: string;
          position_x?: number;
          position_y?: number;
          reading_key?: string;
          rssi_readings?: NonNullable<Json>;
          sensor_type?: string;
          store_id?: string;
          zone_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'zone_events_store_id_fkey';
            columns: ['store_id'];
            isOneToOne: false;
            referencedRelation: 'stores';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'zone_events_zone_id_fkey';
            columns: ['zone_id'];
            isOneToOne: false;
            referencedRelation: 'zones_dim';
            referencedColumns: ['id'];
          },
        ];
      };
      zones_dim: {
        Row: {
          created_at: string;
          id: string;
          is_active: boolean;
          org_id: string;
          position_x: number;
          position_y: number;
          position_z: number;
          store_id: string;
          zone_code: string;
          zone_name: string;
          zone_type: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          id?: string;
          is_active?: boolean;
          org_id: string;
          position_x: number;
          position_y?: number;
          position_z: number;
          store_id: string;
          zone_code: string;
          zone_name: string;
          zone_type: string;
        };
        Update: {
          created_at?: string;
          id?: string;
          is_active?: boolean;
          org_id?: string;
          position_x?: number;
          position_y?: number;
          position_z?: number;
          store_id?: string;
          zone_code?: string;
          zone_name?: string;
          zone_type?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'zones_dim_org_id_fkey';
            columns: ['org_id'];
            isOneToOne: false;
            referencedRelation: 'organisations';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'zones_dim_store_id_fkey';
            columns: ['store_id'];
            isOneToOne: false;
            referencedRelation: 'stores';
            referencedColumns: ['id'];
          },
        ];
      };
    };
    Views: {
      [_ in never]: never;
    };
    Functions: {
      broadcast_live: { Args: { live: Json }; Returns: Json };
      create_ingest_token: {
        Args: { expires_at?: string; label: string; store_id: string; token_hash: string };
        Returns: string;
      };
      forget_phone: { Args: { hashed_mac: string; store_id: string }; Returns: Json };
      ingest_backlog: {
        Args: { store_id: string };
        Returns: {
          failed_imports: number;
          oldest_failed_at: string;
        }[];
      };
      ingest_health: {
        Args: { as_of?: string; store_id: string };
        Returns: {
          failed_runs: number;
          last_reading_at: string;
          last_run_at: string;
          last_run_status: string;
          last_success_at: string;
          max_latency_ms: number;
          median_latency_ms: number;
          readings: number;
          rejected: number;
          runs: number;
          seconds_since_success: number;
          zone_events: number;
        }[];
      };
      ingest_neuralsense_batch: { Args: { batch: Json }; Returns: Json };
      ingest_runs: {
        Args: { max_runs?: number; store_id: string };
        Returns: {
          completed_at: string;
          error_code: string;
          error_message: string;
          latency_ms: number;
          readings: number;
          rejected: number;
          run_id: string;
          started_at: string;
          status: string;
          visits: number;
          zone_events: number;
        }[];
      };
      ingest_sensors: {
        Args: { as_of?: string; store_id: string };
        Returns: {
          last_heard_at: string;
          seconds_since: number;
          sensor_id: string;
        }[];
      };
      kpi_compare: {
        Args: { as_of?: string; on_day?: string; store_id: string };
        Returns: {
          bounce_rate: number;
          bounces: number;
          day: string;
          engaged: number;
          engagement_rate: number;
          estimates: string[];
          footfall: number;
          from_ts: string;
          mean_dwell_seconds: number;
          median_dwell_seconds: number;
          peak_hour: number;
          peak_hour_footfall: number;
          period: string;
          sessions: number;
          to_ts: string;
          unique_visitors: number;
        }[];
      };
      kpi_funnel: {
        Args: { from_ts: string; store_id: string; to_ts: string };
        Returns: {
          share_of_enter: number;
          stage: string;
          step: number;
          visits: number;
        }[];
      };
      kpi_hourly: {
        Args: { day_from: string; day_to: string; store_id: string };
        Returns: {
          day: string;
          footfall: number;
          hour: number;
          hour_start: string;
          mean_dwell_seconds: number;
        }[];
      };
      kpi_live: {
        Args: { store_id: string };
        Returns: {
          at: string;
          entries: number;
          exits: number;
          seconds_since: number;
          visitors: number;
          zones: Json;
        }[];
      };
      kpi_occupancy: {
        Args: { as_of?: string; store_id: string };
        Returns: {
          scope: string;
          visitors: number;
          zone_code: string;
          zone_id: string;
          zone_name: string;
          zone_type: string;
        }[];
      };
      kpi_overview: {
        Args: { from_ts: string; store_id: string; to_ts: string };
        Returns: {
          bounce_rate: number;
          bounces: number;
          engaged: number;
          engagement_rate: number;
          estimates: string[];
          footfall: number;
          mean_dwell_seconds: number;
          median_dwell_seconds: number;
          peak_hour: number;
          peak_hour_footfall: number;
          sessions: number;
          unique_visitors: number;
        }[];
      };
      kpi_paths: {
        Args: { from_ts: string; store_id: string; to_ts: string };
        Returns: {
          all_moves: number;
          from_zone_code: string;
          from_zone_id: string;
          from_zone_name: string;
          moves: number;
          to_zone_code: string;
          to_zone_id: string;
          to_zone_name: string;
          visits: number;
        }[];
      };
      kpi_people: {
        Args: { from_ts?: string; store_id: string; to_ts?: string };
        Returns: {
          bursts: number;
          bursts_per_person_minute: number;
          estimates: string[];
          footfall: number;
          footfall_high: number;
          footfall_low: number;
          minutes: number;
          people: number;
          people_high: number;
          people_low: number;
        }[];
      };
      kpi_thresholds: {
        Args: { store_id: string };
        Returns: {
          bounce_under_seconds: number;
          engage_after_seconds: number;
          live_window_minutes: number;
          time_zone: string;
          visit_at_least_seconds: number;
        }[];
      };
      kpi_visit_lengths: {
        Args: { from_ts: string; store_id: string; to_ts: string };
        Returns: {
          at_least_seconds: number;
          sessions: number;
          under_seconds: number;
          visits: number;
        }[];
      };
      kpi_visitors: {
        Args: { from_ts: string; store_id: string; to_ts: string };
        Returns: {
          estimates: string[];
          new_visitors: number;
          returning_visitors: number;
          unique_visitors: number;
        }[];
      };
      kpi_zone_hours: {
        Args: { day: string; store_id: string; zone_id: string };
        Returns: {
          entrants: number;
          hour: number;
          hour_start: string;
          mean_dwell_seconds: number;
          total_dwell_seconds: number;
        }[];
      };
      kpi_zones: {
        Args: { from_ts: string; store_id: string; to_ts: string };
        Returns: {
          entrants: number;
          mean_dwell_seconds: number;
          reach: number;
          total_dwell_seconds: number;
          visits: number;
          zone_code: string;
          zone_id: string;
          zone_name: string;
          zone_type: string;
        }[];
      };
      list_ingest_tokens: {
        Args: { store_id?: string };
        Returns: {
          created_at: string;
          expires_at: string;
          is_valid: boolean;
          label: string;
          last_used_at: string;
          of_store: string;
          revoked_at: string;
          token_id: string;
        }[];
      };
      phone_traces: { Args: { hashed_mac: string; store_id: string }; Returns: Json };
      prune_store_data: { Args: { max_rows?: number; store_id: string }; Returns: Json };
      revoke_ingest_token: { Args: { token_id: string }; Returns: undefined };
      rotate_ingest_token: {
        Args: { old_expires_at?: string; store_id: string; token_hash: string };
        Returns: string;
      };
      verify_ingest_token: { Args: { token_hash: string }; Returns: Json };
      zone_directory: { Args: { store_id: string }; Returns: Json };
    };
    Enums: {
      [_ in never]: never;
    };
    CompositeTypes: {
      [_ in never]: never;
    };
  };
};

type DatabaseWithoutInternals = Omit<Database, '__InternalSupabase'>;

type DefaultSchema = DatabaseWithoutInternals[Extract<keyof Database, 'public'>];

export type Tables<
  DefaultSchemaTableNameOrOptions extends
    | keyof (DefaultSchema['Tables'] & DefaultSchema['Views'])
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables'] &
        DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Views'])
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables'] &
      DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Views'])[TableName] extends {
      Row: infer R;
    }
    ? R
    : never
  : DefaultSchemaTableNameOrOptions extends keyof (DefaultSchema['Tables'] & DefaultSchema['Views'])
    ? (DefaultSchema['Tables'] & DefaultSchema['Views'])[DefaultSchemaTableNameOrOptions] extends {
        Row: infer R;
      }
      ? R
      : never
    : never;

export type TablesInsert<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema['Tables']
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables']
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables'][TableName] extends {
      Insert: infer I;
    }
    ? I
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema['Tables']
    ? DefaultSchema['Tables'][DefaultSchemaTableNameOrOptions] extends {
        Insert: infer I;
      }
      ? I
      : never
    : never;

export type TablesUpdate<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema['Tables']
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables']
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables'][TableName] extends {
      Update: infer U;
    }
    ? U
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema['Tables']
    ? DefaultSchema['Tables'][DefaultSchemaTableNameOrOptions] extends {
        Update: infer U;
      }
      ? U
      : never
    : never;

export type Enums<
  DefaultSchemaEnumNameOrOptions extends
    | keyof DefaultSchema['Enums']
    | { schema: keyof DatabaseWithoutInternals },
  EnumName extends DefaultSchemaEnumNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions['schema']]['Enums']
    : never = never,
> = DefaultSchemaEnumNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions['schema']]['Enums'][EnumName]
  : DefaultSchemaEnumNameOrOptions extends keyof DefaultSchema['Enums']
    ? DefaultSchema['Enums'][DefaultSchemaEnumNameOrOptions]
    : never;

export type CompositeTypes<
  PublicCompositeTypeNameOrOptions extends
    | keyof DefaultSchema['CompositeTypes']
    | { schema: keyof DatabaseWithoutInternals },
  CompositeTypeName extends PublicCompositeTypeNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions['schema']]['CompositeTypes']
    : never = never,
> = PublicCompositeTypeNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions['schema']]['CompositeTypes'][CompositeTypeName]
  : PublicCompositeTypeNameOrOptions extends keyof DefaultSchema['CompositeTypes']
    ? DefaultSchema['CompositeTypes'][PublicCompositeTypeNameOrOptions]
    : never;

export const Constants = {
  public: {
    Enums: {},
  },
} as const;
